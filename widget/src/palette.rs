//! The default colours, and the names of what a host can change. `build.rs` makes the style sheet's tokens of them.

/// A colour of the theme: the name that embedders know, its custom property, and the defaults.
#[derive(Clone, Copy, Debug)]
pub struct Color {
    /// The member of a theme's palette.
    pub name: &'static str,
    /// The custom property.
    pub property: &'static str,
    /// On a light background.
    pub light: &'static str,
    /// On a dark background.
    pub dark: &'static str,
}

const fn color(
    name: &'static str,
    property: &'static str,
    light: &'static str,
    dark: &'static str,
) -> Color {
    Color {
        name,
        property,
        light,
        dark,
    }
}

/// All colours, with defaults whose text has a contrast of at least 4.5:1 (WCAG 2.2, 1.4.3) where it is used.
pub const COLORS: [Color; 12] = [
    color("background", "--connect-background", "#ffffff", "#14161a"),
    color("surface", "--connect-surface", "#f6f7f9", "#1d2026"),
    color("text", "--connect-text", "#16191f", "#eef0f4"),
    color("textMuted", "--connect-text-muted", "#5a6270", "#a3abb8"),
    color("primary", "--connect-primary", "#2f5fd0", "#8aacff"),
    color(
        "primaryForeground",
        "--connect-primary-foreground",
        "#ffffff",
        "#0f1420",
    ),
    color(
        "primaryHover",
        "--connect-primary-hover",
        "#244eb0",
        "#a9c2ff",
    ),
    color("secondary", "--connect-secondary", "#e9ecf2", "#2a2e37"),
    color(
        "secondaryHover",
        "--connect-secondary-hover",
        "#dde2eb",
        "#353a45",
    ),
    color("border", "--connect-border", "#e1e5ec", "#2c313a"),
    color("success", "--connect-success", "#1a7347", "#5fcf94"),
    color("error", "--connect-error", "#b93225", "#ff9a8f"),
];

/// The fonts: member of a theme's `fonts` and custom property. The default is the page's own font.
pub const FONTS: [(&str, &str); 3] = [
    ("body", "--connect-font-body"),
    ("heading", "--connect-font-heading"),
    ("button", "--connect-font-button"),
];

/// Background and letters, on a light and on a dark page.
#[derive(Clone, Copy, Debug)]
pub struct Tint {
    /// On a light page.
    pub light: (&'static str, &'static str),
    /// On a dark page.
    pub dark: (&'static str, &'static str),
}

const fn tint(light: (&'static str, &'static str), dark: (&'static str, &'static str)) -> Tint {
    Tint { light, dark }
}

/// The tints: one lightness and strength, eight hues.
pub const TINTS: [Tint; 8] = [
    tint(("#e4ebfd", "#2447a3"), ("#232f4f", "#a9c0ff")),
    tint(("#e0f1f8", "#12597a"), ("#183543", "#8fd0ec")),
    tint(("#dcf3ef", "#0d5f55"), ("#163832", "#86d8ca")),
    tint(("#e2f3e2", "#22612c"), ("#1f3823", "#9ad7a1")),
    tint(("#f7efd6", "#6e5209"), ("#3a3115", "#e3c877")),
    tint(("#fdeadf", "#8a3f12"), ("#432a1c", "#ffb893")),
    tint(("#fce6ee", "#96264f"), ("#45212f", "#ffadc8")),
    tint(("#f0e7fc", "#6433a4"), ("#33264a", "#d0b3fb")),
];
