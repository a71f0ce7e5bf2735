//! Bytes on the disk: the segment's header, the header of a group, the record. Described in docs/formats/log.md.

use bytes::Bytes;
use crc32c::{crc32c, crc32c_append};

use crate::APPEND_BYTES_MAX;

pub(crate) const VERSION: u32 = 1;
/// Bytes of a segment's header; the first group follows it.
pub(crate) const HEADER: usize = 4096;
/// Bytes of a group's header.
pub(crate) const GROUP: usize = 24;
/// Bytes of a record before its payload.
pub(crate) const RECORD: usize = 8;

const MAGIC: [u8; 8] = *b"WEFTLOG\n";
/// First word of a group. Its two highest bits are 11, a record's are 01, and zeros are neither.
const GROUP_MARK: u32 = 0xE19E_F757;
const RECORD_BIT: u32 = 0x4000_0000;
const LENGTH_MASK: u32 = 0x3FFF_FFFF;

/// Drawn once for each log and part of every checksum: bytes of another log, or bytes that a sender wrote into a
/// payload, are never taken for ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LogId(u64);

impl LogId {
    pub(crate) fn random() -> Self {
        Self(rand::random())
    }
    fn sum(self, prefix: &[u8], rest: &[u8]) -> u32 {
        crc32c_append(crc32c_append(crc32c(&self.0.to_le_bytes()), prefix), rest)
    }
    fn record_sum(self, position: u64, word: u32, payload: &[u8]) -> u32 {
        let mut prefix = [0; 12];
        prefix[..8].copy_from_slice(&position.to_le_bytes());
        prefix[8..].copy_from_slice(&word.to_le_bytes());
        self.sum(&prefix, payload)
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}
fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes)
}

/// What a segment file says about itself in its first 4096 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub log: LogId,
    pub first: u64,
    /// Size of the file when it was pre-written.
    pub bytes: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HeaderFault {
    Version(u32),
    Damaged(&'static str),
}

impl SegmentHeader {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER);
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&(HEADER as u32).to_le_bytes());
        out.extend_from_slice(&self.log.0.to_le_bytes());
        out.extend_from_slice(&self.first.to_le_bytes());
        out.extend_from_slice(&self.bytes.to_le_bytes());
        out.resize(HEADER - 4, 0);
        let sum = crc32c(&out);
        out.extend_from_slice(&sum.to_le_bytes());
        out
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, HeaderFault> {
        let short = HeaderFault::Damaged("the file is shorter than a header");
        if bytes.get(..MAGIC.len()) != Some(&MAGIC[..]) {
            return Err(HeaderFault::Damaged("it does not begin like a log"));
        }
        match u32_at(bytes, 8) {
            Some(VERSION) => {}
            Some(other) => return Err(HeaderFault::Version(other)),
            None => return Err(short),
        }
        let (Some(id), Some(first), Some(size), Some(sum)) =
            (u64_at(bytes, 16), u64_at(bytes, 24), u64_at(bytes, 32), u32_at(bytes, HEADER - 4))
        else {
            return Err(short);
        };
        if sum != crc32c(&bytes[..HEADER - 4]) {
            return Err(HeaderFault::Damaged("the checksum of the header is wrong"));
        }
        Ok(Self { log: LogId(id), first, bytes: size })
    }
}

/// What was written by one write and made durable by one sync. That a later group exists proves that this one was
/// acknowledged; that is how damage is told from a torn end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GroupHeader {
    pub first: u64,
    /// Length of the records that follow.
    pub bytes: u32,
    /// Number of the records that follow; 0 in the mark of a clean closing.
    pub count: u32,
}

impl GroupHeader {
    pub(crate) fn encode(&self, log: LogId) -> [u8; GROUP] {
        let mut out = [0; GROUP];
        out[..4].copy_from_slice(&GROUP_MARK.to_le_bytes());
        out[8..16].copy_from_slice(&self.first.to_le_bytes());
        out[16..20].copy_from_slice(&self.bytes.to_le_bytes());
        out[20..].copy_from_slice(&self.count.to_le_bytes());
        let sum = log.sum(&GROUP_MARK.to_le_bytes(), &out[8..]);
        out[4..8].copy_from_slice(&sum.to_le_bytes());
        out
    }

    pub(crate) fn decode(bytes: &[u8], log: LogId) -> Option<Self> {
        let own = bytes.get(..GROUP)?;
        let header = Self { first: u64_at(own, 8)?, bytes: u32_at(own, 16)?, count: u32_at(own, 20)? };
        (header.encode(log) == own).then_some(header)
    }

    /// Where in `bytes` a valid group header begins, if one does.
    pub(crate) fn find(bytes: &[u8], log: LogId) -> Option<usize> {
        let mark = GROUP_MARK.to_le_bytes();
        bytes.windows(GROUP).position(|w| w[..4] == mark && Self::decode(w, log).is_some())
    }
}

/// Bytes that `records` take in a group.
pub(crate) fn encoded_len(records: &[Bytes]) -> usize {
    records.iter().map(|r| RECORD + r.len()).fold(0, usize::saturating_add)
}

/// Puts one record behind what is in `out`. The caller has checked that it is not longer than an append may be.
pub(crate) fn put_record(out: &mut Vec<u8>, log: LogId, position: u64, payload: &[u8]) {
    let word = RECORD_BIT | (payload.len() as u32 & LENGTH_MASK);
    out.extend_from_slice(&word.to_le_bytes());
    out.extend_from_slice(&log.record_sum(position, word, payload).to_le_bytes());
    out.extend_from_slice(payload);
}

/// What stands at one place of a segment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    Group(GroupHeader),
    /// A whole record, checked, whose payload has so many bytes.
    Record { payload: usize },
    /// Zeros: nothing was written here yet.
    End,
    /// More bytes are needed to tell.
    Cut { need: usize },
    Bad(&'static str),
}

/// Reads what stands at the beginning of `bytes`, if it is a record the one with this position.
pub(crate) fn frame_at(bytes: &[u8], log: LogId, position: u64) -> Frame {
    let Some(word) = u32_at(bytes, 0) else { return Frame::Cut { need: RECORD } };
    if word == 0 {
        return Frame::End;
    }
    if word == GROUP_MARK {
        return match GroupHeader::decode(bytes, log) {
            Some(header) => Frame::Group(header),
            None if bytes.len() < GROUP => Frame::Cut { need: GROUP },
            None => Frame::Bad("the checksum of a group is wrong"),
        };
    }
    let payload = (word & LENGTH_MASK) as usize;
    if word & !LENGTH_MASK != RECORD_BIT || payload > APPEND_BYTES_MAX {
        return Frame::Bad("these bytes begin neither a record nor a group");
    }
    let need = RECORD + payload;
    match (u32_at(bytes, 4), bytes.get(RECORD..need)) {
        (Some(sum), Some(own)) if sum == log.record_sum(position, word, own) => Frame::Record { payload },
        (Some(_), Some(_)) => Frame::Bad("the checksum of a record is wrong"),
        _ => Frame::Cut { need },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: LogId = LogId(0x0123_4567_89AB_CDEF);

    #[test]
    fn headers_come_back_and_a_flipped_bit_is_seen() {
        let header = SegmentHeader { log: LOG, first: 77, bytes: 1 << 20 };
        let bytes = header.encode();
        assert_eq!(bytes.len(), HEADER);
        assert_eq!(SegmentHeader::decode(&bytes), Ok(header));
        for at in 0..HEADER {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            assert!(SegmentHeader::decode(&flipped).is_err(), "byte {at}");
        }
        assert!(SegmentHeader::decode(&bytes[..HEADER - 1]).is_err());
        assert!(SegmentHeader::decode(&[]).is_err());
    }

    #[test]
    fn a_record_is_only_good_at_its_own_position_and_in_its_own_log() {
        let mut bytes = Vec::new();
        put_record(&mut bytes, LOG, 9, b"payload");
        assert_eq!(frame_at(&bytes, LOG, 9), Frame::Record { payload: 7 });
        assert!(matches!(frame_at(&bytes, LOG, 10), Frame::Bad(_)));
        assert!(matches!(frame_at(&bytes, LogId(1), 9), Frame::Bad(_)));
        assert_eq!(frame_at(&bytes[..10], LOG, 9), Frame::Cut { need: 15 });
        for at in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[at / 8] ^= 1 << (at % 8);
            assert!(!matches!(frame_at(&flipped, LOG, 9), Frame::Record { .. }), "bit {at}");
        }
    }

    #[test]
    fn an_empty_record_is_not_an_end_and_zeros_are() {
        let mut bytes = Vec::new();
        put_record(&mut bytes, LOG, 1, b"");
        assert_eq!(frame_at(&bytes, LOG, 1), Frame::Record { payload: 0 });
        assert_eq!(frame_at(&[0; 64], LOG, 1), Frame::End);
    }

    #[test]
    fn a_group_is_found_wherever_it_stands_and_only_in_its_own_log() {
        let header = GroupHeader { first: 5, bytes: 100, count: 3 };
        let mut bytes = vec![0xFF; 13];
        bytes.extend_from_slice(&header.encode(LOG));
        assert_eq!(GroupHeader::find(&bytes, LOG), Some(13));
        assert_eq!(GroupHeader::find(&bytes, LogId(2)), None);
        assert_eq!(frame_at(&bytes[13..], LOG, 0), Frame::Group(header));
        assert_eq!(frame_at(&bytes[13..20], LOG, 0), Frame::Cut { need: GROUP });
    }

    #[test]
    fn the_published_bytes_of_version_1_stay_what_they_are() {
        let mut bytes = GroupHeader { first: 1, bytes: 11, count: 1 }.encode(LOG).to_vec();
        put_record(&mut bytes, LOG, 1, b"abc");
        let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "57f79ee14a53909d01000000000000000b000000010000000300004023c74b81616263");
    }
}
