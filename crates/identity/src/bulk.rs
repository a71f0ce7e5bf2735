//! Whole files of identifiers at once: who would be whom, before anything is brought in.

use std::collections::HashMap;

use crate::guard;
use crate::kernel::Identifier;

/// For each of `nodes` the smallest number it is linked to, over any number of links. Union-find with path halving, the smaller
/// number on top (R. Tarjan 1975).
pub fn components(nodes: u32, links: &[[u32; 2]]) -> Vec<u32> {
    /// The numbers lie far apart in memory: those of later links are asked for while earlier ones are joined.
    const AHEAD: usize = 16;
    let mut parents: Vec<u32> = (0..nodes).collect();
    for (n, [a, b]) in links.iter().enumerate() {
        if let Some([later_a, later_b]) = links.get(n + AHEAD) {
            std::hint::black_box((parents[*later_a as usize], parents[*later_b as usize]));
        }
        let (a, b) = (top(&mut parents, *a), top(&mut parents, *b));
        parents[a.max(b) as usize] = a.min(b);
    }
    // A parent is never larger, so the ones before have their last word already.
    for n in 0..parents.len() {
        parents[n] = parents[parents[n] as usize];
    }
    parents
}

fn top(parents: &mut [u32], mut node: u32) -> u32 {
    loop {
        let parent = parents[node as usize];
        if parent == node {
            return node;
        }
        let above = parents[parent as usize];
        parents[node as usize] = above;
        node = above;
    }
}

/// Rows of identifiers, each row one person's.
#[derive(Default)]
pub struct Rows {
    numbers: HashMap<Identifier, u32>,
    identifiers: Vec<Identifier>,
    links: Vec<[u32; 2]>,
    /// How many rows name it.
    named: Vec<u32>,
}

/// Who is whom in a file.
pub struct Found {
    /// By the number of the identifier: the number of its person.
    pub people: Vec<u32>,
    pub count: usize,
    /// Identifiers of the one who has most.
    pub largest: usize,
}

impl Rows {
    /// Values that stand for nobody are left out; a row with less than two others links nothing. How many were taken.
    pub fn push(&mut self, row: impl IntoIterator<Item = Identifier>) -> usize {
        let mut first = None;
        let mut taken = 0;
        for identifier in row.into_iter().map(|id| Identifier::new(id.id_type, id.value.trim())).filter(guard::identifies) {
            let number = self.number(identifier);
            self.named[number as usize] += 1;
            taken += 1;
            match first {
                None => first = Some(number),
                Some(first) => self.links.push([first, number]),
            }
        }
        taken
    }

    fn number(&mut self, identifier: Identifier) -> u32 {
        let next = self.identifiers.len() as u32;
        *self.numbers.entry(identifier).or_insert_with_key(|identifier| {
            self.identifiers.push(identifier.clone());
            self.named.push(0);
            next
        })
    }

    pub fn identifiers(&self) -> &[Identifier] {
        &self.identifiers
    }
    pub fn links(&self) -> usize {
        self.links.len()
    }

    /// Identifiers that more rows name than anybody's would, and in how many: a shop's phone, a shared device.
    pub fn shared(&self, most_rows: u32) -> Vec<(&Identifier, u32)> {
        let mut found: Vec<(&Identifier, u32)> = self.identifiers.iter().zip(self.named.iter().copied()).filter(|(_, rows)| *rows > most_rows).collect();
        found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.value.cmp(&b.0.value)));
        found
    }

    /// The people, where identifiers that more than so many rows name link nobody.
    pub fn people(&self, most_rows: u32) -> Found {
        let is_own = |n: u32| self.named[n as usize] <= most_rows;
        let links: Vec<[u32; 2]> = self.links.iter().copied().filter(|[a, b]| is_own(*a) && is_own(*b)).collect();
        let people = components(self.identifiers.len() as u32, &links);
        let mut sizes = vec![0usize; people.len()];
        people.iter().for_each(|person| sizes[*person as usize] += 1);
        Found { count: sizes.iter().filter(|size| **size > 0).count(), largest: sizes.into_iter().max().unwrap_or(0), people }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn components_are_what_can_be_reached(links in prop::collection::vec((0u32..40, 0u32..40), 0..60)) {
            let links: Vec<[u32; 2]> = links.into_iter().map(|(a, b)| [a, b]).collect();
            let found = components(40, &links);
            for start in 0..40u32 {
                let mut reached = std::collections::BTreeSet::from([start]);
                let mut to_visit = vec![start];
                while let Some(at) = to_visit.pop() {
                    for [a, b] in &links {
                        for (x, y) in [(a, b), (b, a)] {
                            if *x == at && reached.insert(*y) {
                                to_visit.push(*y);
                            }
                        }
                    }
                }
                prop_assert_eq!(Some(&found[start as usize]), reached.first());
            }
        }
    }

    #[test]
    fn what_everybody_names_links_nobody() {
        let mut rows = Rows::default();
        for n in 0..10 {
            let row = [Identifier::new("user_id", format!("u{n}")), Identifier::new("phone", "400-800"), Identifier::new("email", format!("{n}@x.cn"))];
            assert_eq!(rows.push(row), 3);
        }
        assert_eq!(rows.push([Identifier::new("user_id", "null"), Identifier::new("email", " 3@x.cn ")]), 1);
        assert_eq!((rows.people(100).count, rows.people(100).largest), (1, 21));
        assert_eq!((rows.people(5).count, rows.people(5).largest), (11, 2));
        assert_eq!(rows.shared(5).iter().map(|(id, n)| (id.value.as_str(), *n)).collect::<Vec<_>>(), [("400-800", 10)]);
        assert_eq!((rows.identifiers().len(), rows.links()), (21, 20));
    }
}
