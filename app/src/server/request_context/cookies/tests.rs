//! Tests of what is beside.

use http::HeaderValue;

use super::*;

#[test]
fn a_neighbours_cookie_that_cannot_be_read_keeps_no_other_from_being_read() {
    for neighbours in ["theme=café".as_bytes(), b"theme=\xff\xfe", b"\xe9", b"", b"=;=", b"other=1"]
    {
        for line in
            [[neighbours, b"; latchkey=here"].concat(), [b"latchkey=here; ", neighbours].concat()]
        {
            let mut headers = HeaderMap::new();
            headers.append(COOKIE, HeaderValue::from_bytes(&line).expect("a value"));
            let all = |headers: &HeaderMap| {
                named(headers, "latchkey").map(str::to_owned).collect::<Vec<_>>()
            };
            assert_eq!(all(&headers), ["here"], "{line:?}");
            headers.append(COOKIE, HeaderValue::from_static("latchkey=there"));
            assert_eq!(all(&headers), ["here", "there"], "each of one name");
        }
    }
}

#[test]
fn of_many_of_one_name_some_are_looked_at_each_once() {
    let cookie = |n: usize| format!("latchkey={n:064x}");
    let headers = |many: usize, twice: bool| {
        let mut headers = HeaderMap::new();
        for n in 0..many {
            headers.append(COOKIE, cookie(n).parse().expect("a value"));
            if twice {
                headers.append(COOKIE, cookie(n).parse().expect("a value"));
            }
        }
        headers
    };
    for (many, twice, looked_at, too_many) in [
        (1, false, 1, false),
        (1, true, 1, false),
        (2, true, 2, false),
        (3, true, 2, true),
        (MAX_OF_A_NAME, false, MAX_OF_A_NAME, false),
        (MAX_OF_A_NAME + 1, false, MAX_OF_A_NAME, true),
        (300, false, MAX_OF_A_NAME, true),
    ] {
        let headers = headers(many, twice);
        let carried = SessionCookies::of(&headers, false);
        assert_eq!((carried.all.len(), carried.are_too_many), (looked_at, too_many), "{many}");
    }
    // What is no cookie of ours is none at all.
    let mut mixed = headers(1, false);
    mixed.append(COOKIE, HeaderValue::from_static("latchkey=planted; latchkey="));
    assert_eq!(SessionCookies::of(&mixed, false).all.len(), 1);
}
