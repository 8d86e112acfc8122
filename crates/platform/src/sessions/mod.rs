//! Passwords, sessions and their tokens.

/// What signing in needs beside the database. Cheap to clone.
#[derive(Clone, Default)]
pub struct Sessions;
