//! What is read of an answer, and no more.

use zeroize::Zeroizing;

/// The body, where it is no longer than `most` bytes and comes whole; a secret may be in it.
pub async fn read(mut answer: reqwest::Response, most: usize) -> Option<Zeroizing<Vec<u8>>> {
    // Grown in one piece, so that no shorter copy is left behind in memory.
    let mut body = Zeroizing::new(Vec::with_capacity(most));
    while let Some(chunk) = answer.chunk().await.ok()? {
        if body.len() + chunk.len() > most {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}
