//! Digits, and where a character is: Rust's own formatting and searching would cost every visitor half a kilobyte each.

/// The number's decimal digits.
pub(crate) fn decimal(number: u64) -> String {
    let mut text = String::new();
    push_decimal(&mut text, number);
    text
}

fn push_decimal(text: &mut String, number: u64) {
    if number >= 10 {
        push_decimal(text, number / 10);
    }
    // One digit: the cast cuts nothing off.
    #[allow(clippy::cast_possible_truncation)]
    text.push(char::from(b'0' + (number % 10) as u8));
}

/// Where an ASCII character is in a text first.
#[inline(never)]
pub(crate) fn find(text: &str, character: u8) -> Option<usize> {
    text.bytes().position(|byte| byte == character)
}

#[cfg(test)]
mod tests {
    use super::{decimal, find};

    #[test]
    fn a_character_is_found_where_it_is_first() {
        assert_eq!(find("é{a}{b}", b'{'), Some(2));
        assert_eq!(find("é", b'{'), None);
    }

    #[test]
    fn each_digit_is_written() {
        for number in [0, 7, 10, 1_909, u64::MAX] {
            assert_eq!(decimal(number), number.to_string());
        }
    }
}
