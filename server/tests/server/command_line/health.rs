//! `latchkey health`, beside a server and without one.

use std::net::TcpListener;

use testkit::program::ANY_PORT;

use crate::support::{Certificate, Latchkey};

#[test]
fn it_says_that_a_server_is_ready_by_its_exit_code_too() {
    let latchkey = Latchkey::new();
    let serving = latchkey.serve();
    let url = format!("http://{}", serving.address);
    for whom in [url.clone(), format!("{url}/")] {
        let ended = latchkey.run(&["health", &whom]);
        assert_eq!((ended.code, ended.out.as_str()), (Some(0), "200 ready\n"), "{}", ended.err);
    }
    // As the configuration has it listen, where nobody is named.
    let listen = serving.address.to_string();
    let ended = latchkey.run(&["health", "--listen", &listen]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), "200 ready\n"), "{}", ended.err);
    serving.kill();
    let ended = latchkey.run(&["health", &url]);
    assert_eq!(ended.code, Some(1), "{}", ended.out);
    assert!(ended.err.contains("/readyz does not answer"), "{}", ended.err);
}

/// Where nobody is named: by https, whoever the certificate is for, and at a socket.
#[test]
fn it_is_asked_in_the_way_that_the_configuration_has_it_answer() {
    let (latchkey, certificate) = (Latchkey::new(), Certificate::new());
    let store = "[store]\nurl = \"mem://\"\n";
    latchkey.write("latchkey.toml", &format!("{store}{}", certificate.section()));
    let serving = latchkey.serve_by(latchkey.command(&["serve", "--listen", ANY_PORT]));
    let listen = serving.address.to_string();
    let ended = latchkey.run(&["health", "--listen", &listen]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), "200 ready\n"), "{}", ended.err);
    serving.kill();
    let socket = latchkey.path("http.sock");
    let listen = format!("[server]\nlisten = \"unix:{}\"\n", socket.display());
    latchkey.write("latchkey.toml", &format!("{listen}{store}"));
    let serving = latchkey.serve_by(latchkey.command(&["serve"]));
    let ended = latchkey.run(&["health"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), "200 ready\n"), "{}", ended.err);
    serving.kill();
}

#[test]
fn what_answers_and_is_not_ready_is_not_good() {
    use std::io::{Read as _, Write as _};
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 512];
        let many = stream.read(&mut request).unwrap();
        assert!(request[..many].starts_with(b"GET /readyz HTTP/1.1\r\n"));
        let answer = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 13\r\n\
            connection: close\r\n\r\nnot \u{1b}ready\nx\n";
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let ended = Latchkey::new().run(&["health", &url]);
    answering.join().unwrap();
    assert_eq!(ended.code, Some(4), "{}", ended.err);
    assert_eq!(ended.out, "503 not \u{FFFD}ready\n");
}
