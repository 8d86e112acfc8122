//! What the generic dialect needs of a manifest.

use std::collections::HashSet;

use super::{Checked, check_input, check_multipliers, require};
use crate::{
    dialects,
    manifest::{Manifest, Operation, Route, Work},
};

pub fn check(m: &Manifest) -> Checked {
    let dialect = m.dialect();
    require(
        dialects::is_known(dialect),
        "dialect",
        format!("there is no dialect `{dialect}`; leave the field out for the generic one"),
    )?;
    let generic = dialect == dialects::GENERIC;
    let mut seen = HashSet::new();
    for (at, operation) in m.operations.iter().enumerate() {
        let field = format!("operations[{at}].route");
        let Some(route) = &operation.route else { continue };
        require(generic, &field, "is for the generic dialect; this platform has its own")?;
        let path = format!("{field}.path");
        check_path(route, &path)?;
        require(seen.insert((route.method, &route.path)), path, "is served by another already")?;
        check_work(m, operation, route, &field)?;
    }
    require(
        !generic || !seen.is_empty(),
        "operations",
        "must have a `route` at least once: without, nothing of the platform is served",
    )
}

/// Segments of plain characters; what names one job has `{id}` in it, once.
fn check_path(route: &Route, field: &str) -> Checked {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let good =
        |segment: &str| segment == "{id}" || (!segment.is_empty() && segment.bytes().all(plain));
    let segments: Vec<_> = route.path.split('/').skip(1).collect();
    let form = route.path.starts_with('/') && segments.iter().all(|segment| good(segment));
    require(form, field, "must be like `/posters` or `/posters/{id}`, without a slash at its end")?;
    let ids = segments.iter().filter(|segment| **segment == "{id}").count();
    let wanted = usize::from(matches!(route.does, Work::Read | Work::Cancel));
    let message = if wanted == 1 { "must have `{id}` once" } else { "must not have `{id}`" };
    require(ids == wanted, field, message)
}

fn check_work(m: &Manifest, operation: &Operation, route: &Route, field: &str) -> Checked {
    let creates = route.does == Work::Create;
    let free = creates || operation.price.is_none();
    require(free, format!("{field}.does"), "must be \"create\" where the operation has a price")?;
    for (at, input) in route.input.iter().enumerate() {
        check_input(input, &format!("{field}.input[{at}]"))?;
    }
    check_multipliers(&route.multipliers, &route.input, &format!("{field}.multipliers"))?;
    for (end, name) in route.events.names() {
        let known = m.webhooks.event(name).is_some();
        let message = format!("`{name}` is not in `webhooks.events`; add it there");
        require(known, format!("{field}.events.{end}"), message)?;
    }
    Ok(())
}
