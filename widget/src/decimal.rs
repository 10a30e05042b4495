//! Whole numbers as digits: Rust's own formatting would cost every visitor half a kilobyte.

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

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn each_digit_is_written() {
        for number in [0, 7, 10, 1_909, u64::MAX] {
            assert_eq!(decimal(number), number.to_string());
        }
    }
}
