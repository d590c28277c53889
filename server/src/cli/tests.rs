//! The command line as a whole: it makes sense, and nothing secret is an argument.

use clap::CommandFactory as _;

#[test]
fn the_command_line_makes_sense() {
    super::Cli::command().debug_assert();
}

#[test]
fn no_password_or_token_is_an_argument() {
    fn visit(command: &clap::Command) {
        for arg in command.get_arguments() {
            let takes_value = arg.get_num_args().is_some_and(|range| range.takes_values())
                || arg.get_action().takes_values();
            let name = arg.get_id().as_str();
            assert!(
                !(takes_value
                    && (name.contains("secret")
                        || (name.contains("password") && name != "first_password"))),
                "{} --{name}",
                command.get_name()
            );
        }
        command.get_subcommands().for_each(visit);
    }
    visit(&super::Cli::command());
}
