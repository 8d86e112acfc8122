//! What is wrong with a request: this platform tells all of it at once.

use crate::gateway::Refusal;

/// The faults found so far.
#[derive(Default)]
pub struct Faults(Option<Refusal>);

impl Faults {
    /// What was read. What is wrong with it is noted instead, and nothing stands in for it: no use
    /// is made of that before [`Faults::finish`].
    pub fn note<T: Default>(&mut self, read: Result<T, Refusal>) -> T {
        read.unwrap_or_else(|refusal| {
            self.0 = Some(match self.0.take() {
                Some(first) => first.and(refusal),
                None => refusal,
            });
            T::default()
        })
    }

    /// Ends the collection.
    ///
    /// # Errors
    /// What was noted.
    pub fn finish(self) -> Result<(), Refusal> {
        self.0.map_or(Ok(()), Err)
    }
}
