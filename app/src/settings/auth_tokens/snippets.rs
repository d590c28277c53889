//! Lines to paste: how an application presents a token in place of a password.

/// Says what is to be replaced in those lines that are not for this desk: all but the first.
pub(super) const REPLACE: &str = "Put the host of your Request Tracker in place of RT-HOST.";

/// A name and its lines.
pub(super) fn snippets(token: &str, netid: &str, base: &str) -> [(&'static str, String); 4] {
    [
        ("curl", format!("curl -H 'Authorization: token {token}' '{base}/api/v1/me'")),
        (
            "Python, with the package rt",
            format!(
                "from rt.rest2 import Rt\n\ntracker = Rt(\"https://RT-HOST/REST/2.0/\", \
                    token=\"{token}\")\nprint(tracker.get_user(\"{netid}\"))"
            ),
        ),
        (
            "RT's command line, in ~/.rtrc",
            format!("server https://RT-HOST\nauth basic\nuser {netid}\npasswd {token}"),
        ),
        (
            "Programs that read ~/.netrc",
            format!("machine RT-HOST\nlogin {netid}\npassword {token}"),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_an_address_in_brackets_as_it_is() {
        let [(_, curl), ..] = snippets("latchkey_abc", "sam", "http://[2001:db8::1]:3000/latchkey");
        assert_eq!(
            curl,
            "curl -H 'Authorization: token latchkey_abc' \
                'http://[2001:db8::1]:3000/latchkey/api/v1/me'"
        );
    }

    #[test]
    fn what_is_to_be_replaced_stands_in_all_lines_but_the_desks_own() {
        let [(_, curl), others @ ..] = snippets("latchkey_abc", "sam", "https://desk.example.edu");
        assert!(!curl.contains("RT-HOST") && REPLACE.ends_with("RT-HOST."));
        assert!(others.iter().all(|(_, lines)| lines.contains("RT-HOST")), "{others:?}");
        assert!(others.iter().all(|(_, lines)| !lines.contains("example")), "{others:?}");
    }

    #[test]
    fn every_snippet_presents_the_token_and_none_in_an_address() {
        for (name, lines) in snippets("latchkey_abc", "sam", "https://desk.example.edu") {
            assert!(lines.contains("latchkey_abc"), "{name}");
            assert!(!lines.contains("?token") && !lines.contains("@desk"), "{name}");
        }
    }
}
