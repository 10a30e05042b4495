//! `docs/configure.md` lists what the command line takes, and is written from it: `just docs`.

use std::{any::TypeId, fmt::Write, fs, net::SocketAddr, path::PathBuf};

use clap::{Arg, Command, CommandFactory};
use sse_service::config::Cli;

/// What stands above the tables is written by hand.
const FROM_HERE: &str =
    "<!-- From here on written by `npx -y rust-just docs` from the command line. -->\n";

fn page() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/configure.md"))
}

/// The tables of all commands.
fn tables() -> String {
    let mut cli = Cli::command();
    // Hands global flags down to the commands.
    cli.build();
    let commands = cli.get_subcommands();
    let commands = commands.filter(|command| command.get_name() != "help");
    commands.map(tables_of).collect()
}

/// A table for each heading, in the order in which the headings appear first.
fn tables_of(command: &Command) -> String {
    let about = command
        .get_about()
        .expect("every command says what it does");
    let mut text = format!("\n## `sse-service {}`\n\n{about}.\n", command.get_name());
    let flags: Vec<&Arg> = command
        .get_arguments()
        .filter(|arg| is_setting(arg))
        .collect();
    let mut headings: Vec<Option<&str>> = Vec::new();
    for flag in &flags {
        if !headings.contains(&flag.get_help_heading()) {
            headings.push(flag.get_help_heading());
        }
    }
    for heading in headings {
        if let Some(heading) = heading {
            write!(text, "\n### {heading}\n").unwrap();
        }
        text += "\n| flag | variable | value | default | |\n| --- | --- | --- | --- | --- |\n";
        let flags = flags
            .iter()
            .filter(|flag| flag.get_help_heading() == heading);
        text.extend(flags.map(|flag| row(flag)));
    }
    text
}

/// Not `--help` and `--version`.
fn is_setting(arg: &Arg) -> bool {
    !matches!(arg.get_id().as_str(), "help" | "version")
}

fn row(arg: &Arg) -> String {
    let name = arg.get_long().expect("every setting has a long flag");
    let variable = arg.get_env().map_or("–".into(), |variable| {
        format!("`{}`", variable.to_str().unwrap())
    });
    let default = match arg.get_default_values() {
        _ if !arg.get_action().takes_values() => "off".into(),
        [] => "–".into(),
        [default] => format!("`{}`", default.to_str().unwrap()),
        more => unreachable!("{name} has {} defaults", more.len()),
    };
    let help = arg.get_help().expect("every setting is explained");
    let help = help.to_string().replace('\n', " ").replace('|', "\\|");
    format!(
        "| `--{name}` | {variable} | {} | {default} | {help} |\n",
        value(arg, name)
    )
}

/// What a flag takes, with its unit.
fn value(arg: &Arg, name: &str) -> String {
    let values = arg.get_possible_values();
    let numbers = [
        TypeId::of::<u16>(),
        TypeId::of::<u32>(),
        TypeId::of::<u64>(),
        TypeId::of::<usize>(),
    ];
    let kind = arg.get_value_parser().type_id();
    let text = if !arg.get_action().takes_values() {
        "`true`".into()
    } else if !values.is_empty() {
        let names: Vec<_> = values
            .iter()
            .map(|it| format!("`{}`", it.get_name()))
            .collect();
        names.join(", ")
    } else if numbers.iter().any(|number| kind == *number) {
        match name {
            _ if name.ends_with("-seconds") => "seconds",
            _ if name.ends_with("-bytes") => "bytes",
            _ if name.ends_with("-rate") => "messages a second",
            _ => "number",
        }
        .into()
    } else if kind == TypeId::of::<SocketAddr>() {
        "address and port".into()
    } else if kind == TypeId::of::<PathBuf>() {
        "path".into()
    } else {
        named_value(arg)
    };
    if arg.get_value_delimiter().is_some() {
        format!("{text}, …")
    } else {
        text
    }
}

/// The name that was given to the value; otherwise the flag's own says enough.
fn named_value(arg: &Arg) -> String {
    let names = arg.get_value_names().expect("every value has a name");
    let name = names[0].as_str();
    if name == arg.get_id().as_str().to_uppercase() {
        "text".into()
    } else {
        name.replace('|', " or ").to_lowercase()
    }
}

#[test]
fn every_setting_is_in_the_book() {
    let page = page();
    let book = fs::read_to_string(&page).unwrap();
    let (by_hand, written) = book
        .split_once(FROM_HERE)
        .expect("the line from which on it is written");
    let tables = tables();
    if std::env::var_os("CONNECT_WRITE_DOCS").is_some() {
        fs::write(page, format!("{by_hand}{FROM_HERE}{tables}")).unwrap();
    } else {
        assert!(
            written == tables,
            "docs/configure.md is not current: run `npx -y rust-just docs`"
        );
    }
}

#[test]
fn every_setting_of_serve_can_stand_in_the_environment() {
    let cli = Cli::command();
    let serve = cli.find_subcommand("serve").unwrap();
    for arg in serve.get_arguments().filter(|arg| is_setting(arg)) {
        assert!(arg.get_env().is_some(), "{}", arg.get_id());
    }
}
