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
            assert_eq!(cookie_value(&headers, "latchkey"), Some("here"), "{line:?}");
            headers.append(COOKIE, HeaderValue::from_static("latchkey=there"));
            assert_eq!(cookie_value(&headers, "latchkey"), None, "two of one name are none");
        }
    }
}
