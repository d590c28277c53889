//! What shells complete: each script is read by its own shell, where that is installed, and then
//! completes a command.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use crate::support::Latchkey;

/// Shell, and how it says what it makes of `latchkey us` with the script $1 read.
const SHELLS: [(&str, &[&str], &str); 3] = [
    (
        "bash",
        &["--norc", "-c"],
        "source \"$1\"; complete -p latchkey >/dev/null; COMP_WORDS=(latchkey us) \
            COMP_CWORD=1; _latchkey latchkey us latchkey; printf '%s\\n' \"${COMPREPLY[@]}\"",
    ),
    (
        "zsh",
        &["-f", "-c"],
        "autoload -Uz compinit && compinit -u -D && source $1 && (( $+functions[_latchkey] )) && \
            [[ $_comps[latchkey] = _latchkey ]] && _describe() { print -l ${${(P)4}%%:*} } && \
            _latchkey_commands",
    ),
    ("fish", &["--no-config", "-c"], "source $argv[1]; complete -C 'latchkey us'"),
];

#[test]
fn each_shell_reads_its_script_and_completes() {
    let latchkey = Latchkey::new();
    for (shell, flags, script_of_the_shell) in SHELLS {
        let script = latchkey.run(&["completions", shell]);
        assert_eq!(script.code, Some(0), "{}", script.err);
        latchkey.write(shell, &script.out);
        let words: BTreeSet<&str> = script.out.split(|c: char| !c.is_alphanumeric()).collect();
        for (word, is_shown) in [("user", true), ("completions", true), ("seed", false)] {
            assert_eq!(words.contains(word), is_shown, "{shell}: {word}");
        }
        let mut command = Command::new(shell);
        // bash and zsh call the first argument behind a script $0; fish has none.
        command.args(flags).arg(script_of_the_shell).args((shell != "fish").then_some(shell));
        command.arg(latchkey.path(shell)).stdin(Stdio::null());
        let Ok(ended) = command.output() else {
            eprintln!("{shell} is not installed: its script was read by nothing.");
            continue;
        };
        let (out, err) =
            (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        assert!(ended.status.success() && err.is_empty(), "{shell}: {err}");
        let offered = out.lines().map(|line| line.split('\t').next().unwrap_or_default().trim());
        assert!(offered.into_iter().any(|word| word == "user"), "{shell}: {out}");
    }
}

#[test]
fn bash_completes_the_program_of_the_service_as_well() {
    let latchkey = Latchkey::new();
    latchkey.write("script", &latchkey.run(&["completions", "bash"]).out);
    let script = "source \"$0\"; complete -p latchkey-service; \
        COMP_WORDS=(latchkey-service us) COMP_CWORD=1; \
        _latchkey latchkey-service us latchkey-service; printf '%s\\n' \"${COMPREPLY[@]}\"";
    let mut command = Command::new("bash");
    command.args(["--norc", "-c", script]).arg(latchkey.path("script")).stdin(Stdio::null());
    let Ok(ended) = command.output() else {
        eprintln!("bash is not installed: the script was read by nothing.");
        return;
    };
    let out = String::from_utf8(ended.stdout).unwrap();
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].contains("-F _latchkey latchkey-service"), "{out}");
    assert!(lines.contains(&"user"), "{out}");
}

#[test]
fn of_another_shell_it_is_said_which_there_are() {
    let latchkey = Latchkey::new();
    let ended = latchkey.run(&["completions", "tcsh"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("[possible values: bash, zsh, fish]"), "{}", ended.err);
    // It needs no configuration, and none that is wrong keeps it from its answer.
    latchkey.write("latchkey.toml", "nonsense");
    assert_eq!(latchkey.run(&["completions", "bash"]).code, Some(0));
}
