//! What an identity token says of itself. Nobody checks its signature here: it is only for telling
//! the person when to paste a new one.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde::Deserialize;

/// When a JWT ends (RFC 7519, section 4.1.4); nothing where it is no JWT or does not say.
pub fn ends_at(token: &str) -> Option<DateTime<Utc>> {
    #[derive(Deserialize)]
    struct Claims {
        exp: f64,
    }
    let mut parts = token.split('.');
    let (Some(_), Some(claims), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    let Claims { exp } = serde_json::from_slice(&claims).ok()?;
    DateTime::from_timestamp(exp as i64, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn the_end_of_a_jwt_is_read_and_of_nothing_else() {
        let at = |text: &str| ends_at(text).map(|at| at.timestamp());
        assert_eq!(at(&token(r#"{"exp":1795788000,"sub":"x"}"#)), Some(1_795_788_000));
        assert_eq!(at(&token(r#"{"exp":1795788000.5}"#)), Some(1_795_788_000));
        for none in ["{}", r#"{"exp":"soon"}"#, r#"{"exp":1e300}"#, "[]", "nothing"] {
            assert_eq!(at(&token(none)), None, "{none}");
        }
        for none in ["", "opaque", "a.b", "a.b.c", "a.b.c.d"] {
            assert_eq!(at(none), None, "{none}");
        }
    }
}
