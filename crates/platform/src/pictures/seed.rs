//! Repeatable variety. A picture's choices come from its request, never from the machine's randomness.

use sha2::{Digest, Sha256};

/// A stream of numbers that depends on its parts alone (SplitMix64 over their SHA-256). Decides shapes, not secrets.
#[derive(Clone, Debug)]
pub struct Seed(u64);

impl Seed {
    /// Each part is closed by a byte no text contains, so that `ab, c` differs from `a, bc`.
    pub fn of(parts: &[&str]) -> Seed {
        let mut digest = Sha256::new();
        for part in parts {
            digest.update(part.as_bytes());
            digest.update([0xff]);
        }
        let state =
            digest.finalize().iter().take(8).fold(0, |state, byte| (state << 8) | u64::from(*byte));
        Seed(state)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to just under 1.
    pub fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u32 << 24) as f32
    }

    pub fn range(&mut self, from: f32, to: f32) -> f32 {
        from + (to - from) * self.unit()
    }

    /// A number below `count`; 0 when there is nothing to choose from.
    pub fn index(&mut self, count: usize) -> usize {
        ((self.unit() * count as f32) as usize).min(count.saturating_sub(1))
    }

    pub fn pick<T: Copy, const N: usize>(&mut self, from: [T; N]) -> T {
        const { assert!(N > 0) };
        from[self.index(N)]
    }

    pub fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }
}
