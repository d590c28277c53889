//! What is found of Cargo's profiles.

use super::Project;
use crate::profiles::not_for_speed;

/// What is found where the manifest is this.
fn found(manifest: &str) -> Vec<String> {
    not_for_speed(Project::with(&[("Cargo.toml", manifest)]).as_ref())
}

#[test]
fn a_package_that_is_passed_on_at_a_lower_level_is_found() {
    let lowered = "[profile.release]\nopt-level = 3\n\
                   [profile.release.package.store]\nopt-level = 1\n\
                   [profile.release.package.pages]\nopt-level=1\n\
                   [profile.dist]\ninherits = \"release\"\n\
                   [profile.dist.package.store]\nopt-level = 3\n";
    let pages = "[profile.dist.package.pages]\n";
    let good = format!("{lowered}{pages}opt-level = 3\n");
    assert_eq!(found(&good), [""; 0]);
    let forgotten = "Cargo.toml: pages is lowered, and not named in dist";
    assert_eq!(found(lowered), [forgotten]);
    assert_eq!(found(&format!("{lowered}{pages}debug = 0\n")), [forgotten]);
    assert_eq!(
        found(&format!("{lowered}{pages}opt-level = 2\n")),
        ["Cargo.toml: pages is at 2 in dist"]
    );
    assert_eq!(
        found(&format!("{good}[profile.dist.package.words]\nopt-level = 3\n")),
        ["Cargo.toml: words is named in dist, and not lowered"]
    );
    assert_eq!(
        found(&format!("{good}[profile.release.package]\nwords = {{ opt-level = 1 }}\n")),
        ["Cargo.toml: [profile.release.package]: each package has a table of its own"]
    );
    let with =
        |profile: &str, line: &str| {
            found(&good.replace(
                &format!("[profile.{profile}]\n"),
                &format!("[profile.{profile}]\n{line}\n"),
            ))
        };
    assert_eq!(with("dist", "opt-level = \"s\""), ["Cargo.toml: dist itself is at \"s\""]);
    assert_eq!(
        found(
            &good.replace("opt-level = 3\n[profile.release.", "opt-level = 2\n[profile.release.")
        ),
        ["Cargo.toml: dist itself is at 2"]
    );
    assert_eq!(
        with("release", "package.words.opt-level = 1"),
        ["Cargo.toml: package.words.opt-level in release: each package has a table of its own",]
    );
    let config = Project::with(&[
        ("Cargo.toml", &good),
        (".cargo/config.toml", "[profile.release.package.words]\nopt-level = 1\n"),
    ]);
    assert_eq!(
        not_for_speed(config.as_ref()),
        [".cargo/config.toml: profiles stand in Cargo.toml"]
    );
    assert_eq!(found("[profile.dist]\n"), ["Cargo.toml: no [profile.release.package.…]"]);
}
