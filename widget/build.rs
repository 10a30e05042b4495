//! Makes the style sheet: stylist checks the sheets in `styles/` and scopes each to the class that its file is named
//! after; the tokens that they use come from the palette.
//!
//! At build time, because at run time the same would be parsed sheets and their printer in every visitor's download.

use std::{env, error::Error, fmt::Write, fs, path::Path};

use palette::{COLORS, FONTS, TINTS};
use stylist::ast::{Sheet, ToStyleStr};

// The crate shows more of it than is needed here.
#[allow(dead_code, unreachable_pub)]
#[path = "src/palette.rs"]
mod palette;

/// In the order in which they are to apply.
const CLASSES: [&str; 10] = [
    "connect-theme",
    "connect-hidden",
    "connect-widget",
    "connect-state",
    "connect-status",
    "connect-counts",
    "connect-details",
    "connect-item",
    "connect-menu",
    "connect-progress",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=styles");
    println!("cargo::rerun-if-changed=src/palette.rs");
    let mut css = tokens()?;
    for class in CLASSES {
        let path = format!("styles/{class}.css");
        let sheet: Sheet = fs::read_to_string(&path)?
            .parse()
            .map_err(|error| format!("{path}: {error}"))?;
        css.push_str(&compact(&sheet.to_style_str(Some(class))));
    }
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("connect.css"), css)?;
    Ok(())
}

/// The custom properties `--_…`: a host's `--connect-…`, else the default. `light-dark()` follows `color-scheme`.
fn tokens() -> Result<String, std::fmt::Error> {
    let mut css = String::from(".connect-theme{");
    for color in COLORS {
        let token = color.property.trim_start_matches("--connect-");
        write!(
            css,
            "--_{token}:var({},light-dark({},{}));",
            color.property, color.light, color.dark
        )?;
    }
    for (name, property) in FONTS {
        write!(css, "--_font-{name}:var({property},inherit);")?;
    }
    css.push('}');
    for (index, tint) in TINTS.iter().enumerate() {
        let ((light, light_ink), (dark, dark_ink)) = (tint.light, tint.dark);
        write!(
            css,
            "[data-tint=\"{index}\"]{{--_tint:light-dark({light},{dark});--_ink:light-dark({light_ink},{dark_ink})}}"
        )?;
    }
    Ok(css)
}

fn compact(css: &str) -> String {
    let lines: String = css.lines().map(str::trim).collect();
    lines
        .replace(" {", "{")
        .replace(": ", ":")
        .replace(";}", "}")
}
