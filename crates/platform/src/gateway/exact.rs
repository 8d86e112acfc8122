//! Integers that would lose digits: a JSON number is kept in 64 bits here, as an integer or as a
//! float.

use serde_json::{Map, Value};

/// The first integer of a JSON text that 64 bits do not hold. What a caller sends comes back in its
/// webhooks and tells one payload from another, so no number may become its neighbour.
pub(super) fn inexact_integer(json: &[u8]) -> Option<&str> {
    let (mut at, mut in_text) = (0, false);
    while let Some(&byte) = json.get(at) {
        at += match byte {
            b'\\' if in_text => 2,
            b'"' => {
                in_text = !in_text;
                1
            }
            b'-' | b'0'..=b'9' if !in_text => {
                let number = number_at(json, at);
                if is_inexact(number) {
                    return Some(number);
                }
                number.len().max(1)
            }
            _ => 1,
        };
    }
    None
}

/// Where a number lies that was read as a float, `input.seed`; the number itself where it does not.
pub(super) fn place_of(number: &str, object: &Map<String, Value>) -> String {
    let float = number.parse().unwrap_or(f64::NAN);
    find_in_object(float, object).unwrap_or_else(|| number.to_owned())
}

fn find_in_object(float: f64, object: &Map<String, Value>) -> Option<String> {
    object.iter().find_map(|(name, value)| find(float, name, value))
}

/// The place below `name`, where the float is in its value.
fn find(float: f64, name: &str, value: &Value) -> Option<String> {
    let below = match value {
        Value::Number(number) if number.is_f64() && number.as_f64() == Some(float) => {
            return Some(name.to_owned());
        }
        Value::Object(object) => find_in_object(float, object)?,
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(index, item)| find(float, &index.to_string(), item))?
        }
        _ => return None,
    };
    Some(format!("{name}.{below}"))
}

fn number_at(json: &[u8], at: usize) -> &str {
    let of_number = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    let length = json[at..].iter().take_while(of_number).count();
    std::str::from_utf8(&json[at..at + length]).unwrap_or_default()
}

fn is_inexact(number: &str) -> bool {
    // Eighteen digits always fit.
    number.len() > 18
        && !number.contains(['.', 'e', 'E'])
        && number.parse::<i64>().is_err()
        && number.parse::<u64>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_number_is_told() {
        let large = "99999999999999999999";
        for (json, place) in [
            (r#"{"a": 1, "b": 99999999999999999999}"#, "b"),
            (r#"{"a": 1e300, "b": {"c": [1.5, {"d": 99999999999999999999}]}}"#, "b.c.1.d"),
            (r#"{"a": 1}"#, large),
        ] {
            assert_eq!(place_of(large, &serde_json::from_str(json).unwrap()), place, "{json}");
        }
    }

    #[test]
    fn integers_beyond_64_bits_are_found_and_nothing_else_is() {
        for (json, found) in [
            (r#"{"a": 18446744073709551616}"#, Some("18446744073709551616")),
            (r#"{"a": [1, -9223372036854775809]}"#, Some("-9223372036854775809")),
            (r#"{"a\"": 123456789012345678901}"#, Some("123456789012345678901")),
            (r#"{"a": 18446744073709551615, "b": -9223372036854775808}"#, None),
            (r#"{"a": "18446744073709551616", "b": "\"18446744073709551616"}"#, None),
            (r#"{"18446744073709551616": 1.8446744073709551616e19}"#, None),
            (r#"{"a": 0.12345678901234567890, "b": 1e300}"#, None),
            ("-", None),
        ] {
            assert_eq!(inexact_integer(json.as_bytes()), found, "{json}");
        }
    }
}
