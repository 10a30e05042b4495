//! The two headers in which proxies say where they were asked from.

use std::net::{IpAddr, SocketAddr};

use super::AddressHeader;

/// What one header line says of each hop, in its order; `None` where it is no address.
pub(super) fn hops(header: AddressHeader, value: &str) -> Vec<Option<IpAddr>> {
    match header {
        AddressHeader::XForwardedFor => value.split(',').map(address).collect(),
        AddressHeader::Forwarded => elements(value).map_or(vec![None], |elements| {
            elements.into_iter().map(forwarded_for).collect()
        }),
    }
}

/// An address, with or without a port: some proxies add it.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    let address = bare
        .parse()
        .or_else(|_| text.parse().map(|address: SocketAddr| address.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

/// The elements of `Forwarded`: RFC 7239, section 4. `None` when a quoted string has no end.
fn elements(value: &str) -> Option<Vec<&str>> {
    split_unquoted(value, ',')
}

/// The one `for` of an element.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut found = None;
    for pair in split_unquoted(element, ';')? {
        let (name, value) = pair.split_once('=')?;
        if name.trim().eq_ignore_ascii_case("for") {
            if found.is_some() {
                return None;
            }
            found = Some(value.trim());
        }
    }
    let node = found?;
    // Nothing in an address needs a backslash.
    let bare = node
        .strip_prefix('"')
        .and_then(|node| node.strip_suffix('"'))
        .unwrap_or(node);
    address(bare)
}

/// Splits where the separator is not within a quoted string: RFC 9110, section 5.6.4.
fn split_unquoted(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut parts, mut start) = (Vec::new(), 0);
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if character == separator && !is_quoted => {
                parts.push(&text[start..at]);
                start = at + separator.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    (!is_quoted).then_some(parts)
}
