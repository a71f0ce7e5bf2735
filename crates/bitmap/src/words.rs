//! A block as 65,536 bits, and what is done to all of them at once. Each loop is compiled for every width of the machine's
//! registers, and the widest is taken at run time.

use std::sync::LazyLock;

use pulp::Arch;

pub(crate) const WORDS: usize = 1024;
pub(crate) type Words = [u64; WORDS];

static MACHINE: LazyLock<Arch> = LazyLock::new(Arch::new);

pub(crate) fn empty() -> Box<Words> {
    Box::new([0; WORDS])
}

pub(crate) fn count(a: &Words) -> u32 {
    MACHINE.dispatch(
        #[inline(always)]
        || a.iter().map(|w| w.count_ones()).sum(),
    )
}

/// As many words are combined at once: eight lines of the cache from every side, so that all sides are fetched together, and
/// what comes of it need not be written down to be counted.
const STRIP: usize = 64;

/// Those in all of `with` and in none of `without`, strip by strip.
#[inline(always)]
fn intersect(with: &[&Words], without: &[&Words], mut take: impl FnMut(usize, &[u64; STRIP])) {
    for at in (0..WORDS).step_by(STRIP) {
        let mut strip = [u64::MAX; STRIP];
        for words in with {
            strip.iter_mut().zip(&words[at..at + STRIP]).for_each(|(a, b)| *a &= b);
        }
        for words in without {
            strip.iter_mut().zip(&words[at..at + STRIP]).for_each(|(a, b)| *a &= !b);
        }
        take(at, &strip);
    }
}

/// Those in any, strip by strip.
#[inline(always)]
fn unite(of: &[&Words], mut take: impl FnMut(usize, &[u64; STRIP])) {
    for at in (0..WORDS).step_by(STRIP) {
        let mut strip = [0; STRIP];
        for words in of {
            strip.iter_mut().zip(&words[at..at + STRIP]).for_each(|(a, b)| *a |= b);
        }
        take(at, &strip);
    }
}

/// Counted by lanes, as wide registers count.
#[derive(Default)]
struct Ones([u64; 8]);

impl Ones {
    #[inline(always)]
    fn add(&mut self, strip: &[u64; STRIP]) {
        for words in strip.chunks_exact(8) {
            self.0.iter_mut().zip(words).for_each(|(lane, word)| *lane += u64::from(word.count_ones()));
        }
    }
    fn sum(self) -> u32 {
        self.0.iter().sum::<u64>() as u32
    }
}

pub(crate) fn all(with: &[&Words], without: &[&Words], into: &mut Words) {
    MACHINE.dispatch(
        #[inline(always)]
        || intersect(with, without, |at, strip| into[at..at + STRIP].copy_from_slice(strip)),
    );
}

pub(crate) fn count_all(with: &[&Words], without: &[&Words]) -> u32 {
    MACHINE.dispatch(
        #[inline(always)]
        || {
            let mut ones = Ones::default();
            intersect(with, without, |_, strip| ones.add(strip));
            ones.sum()
        },
    )
}

pub(crate) fn any(of: &[&Words], into: &mut Words) {
    MACHINE.dispatch(
        #[inline(always)]
        || unite(of, |at, strip| into[at..at + STRIP].copy_from_slice(strip)),
    );
}

pub(crate) fn count_any(of: &[&Words]) -> u32 {
    MACHINE.dispatch(
        #[inline(always)]
        || {
            let mut ones = Ones::default();
            unite(of, |_, strip| ones.add(strip));
            ones.sum()
        },
    )
}

pub(crate) fn contains(words: &Words, member: u16) -> bool {
    words[usize::from(member >> 6)] >> (member & 63) & 1 == 1
}

pub(crate) fn insert(words: &mut Words, member: u16) {
    words[usize::from(member >> 6)] |= 1 << (member & 63);
}

pub(crate) fn remove(words: &mut Words, member: u16) {
    words[usize::from(member >> 6)] &= !(1 << (member & 63));
}

/// The members in order: as numbers, each that much more.
pub(crate) fn numbers(words: &Words, base: u32, into: &mut Vec<u32>) {
    let from = into.len();
    into.resize(from + count(words) as usize, 0);
    let mut places = &mut into[from..];
    MACHINE.dispatch(
        #[inline(always)]
        || {
            for (n, word) in words.iter().enumerate() {
                let (base, mut rest) = (base | (n as u32) << 6, *word);
                let Some((here, later)) = std::mem::take(&mut places).split_at_mut_checked(word.count_ones() as usize) else { return };
                for place in here {
                    *place = base | rest.trailing_zeros();
                    rest &= rest.wrapping_sub(1);
                }
                places = later;
            }
        },
    );
}

/// How many of the list are in all of `with` and in none of `without`.
pub(crate) fn count_listed(list: &[u16], with: &[&Words], without: &[&Words]) -> u32 {
    let bit = |words: &Words, m: u16| words[usize::from(m >> 6)] >> (m & 63);
    let is_in = |m: &u16| with.iter().fold(1, |all, words| all & bit(words, *m)) & without.iter().fold(1, |all, words| all & !bit(words, *m));
    list.iter().map(|m| is_in(m) as u32).sum()
}

pub(crate) fn members(words: &Words) -> Vec<u16> {
    let mut found = Vec::new();
    numbers(words, 0, &mut found);
    found.into_iter().map(|n| n as u16).collect()
}
