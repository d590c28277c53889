//! `latchkey token`: it makes none, and says of what is no token that it does not work.

use crate::support::Latchkey;

#[test]
fn nobody_makes_a_token_for_somebody_else() {
    let latchkey = Latchkey::new();
    for args in [
        &["token", "create", "ada"][..],
        &["token", "create", "--as", "ada", "sam", "--description", "x"],
    ] {
        let ended = latchkey.run(args);
        assert_eq!(ended.code, Some(3));
        assert_eq!(
            ended.err,
            "latchkey: Nobody can make a token for another person. Ask them to make it under \
                Settings → Auth Tokens.\n"
        );
    }
    assert!(!latchkey.run(&["token", "--help"]).out.contains("create"));
}

#[test]
fn what_is_no_token_does_not_work() {
    let latchkey = Latchkey::new();
    assert_eq!(
        latchkey.run_with(&["user", "import", "-"], "netid,name\nnora,Nora\n").code,
        Some(0)
    );
    let ended = latchkey.run_with(&["token", "verify", "--token-stdin"], "latchkey_nonsense\n");
    assert_eq!(ended.code, Some(4), "{}", ended.err);
    assert!(!ended.out.contains("nonsense") && !ended.err.contains("nonsense"));
}
