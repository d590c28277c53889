//! Mail to a server that takes it, refuses it, puts it off, ends in the middle or says nothing.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use desk::{Notice, NoticeKind, Secret};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::mail::Mailer;
use super::sample::sample;
use super::undelivered::{Retry, Undelivered};
use crate::config::{Authorities, Mail, MailSecurity};

/// What is answered to a command, by how often it came; none: what a good server answers.
type Answers = fn(&str, usize) -> Option<&'static str>;

/// Ends the connection in place of an answer.
const END: &str = "end";

/// Says nothing in place of an answer.
const SILENCE: &str = "silence";

/// Who is trusted where TLS is asked for.
const AUTHORITY: &str = "src/audit_stream/fixtures/authority.txt";

/// What a server has heard.
#[derive(Debug, Default)]
struct Heard {
    connections: usize,
    commands: BTreeMap<String, usize>,
    mails: Vec<String>,
}

struct Server {
    address: SocketAddr,
    heard: Arc<Mutex<Heard>>,
}

impl Server {
    async fn new(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let (address, heard) = (listener.local_addr().expect("its address"), Arc::default());
        let shared: Arc<Mutex<Heard>> = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().expect("not poisoned").connections += 1;
                tokio::spawn(talk(stream, shared.clone(), answers));
            }
        });
        Self { address, heard }
    }

    fn mailer(&self, login: Option<&str>) -> Mailer {
        self.mailer_by(MailSecurity::None, login)
    }

    fn mailer_by(&self, security: MailSecurity, login: Option<&str>) -> Mailer {
        let file = (security != MailSecurity::None).then(|| AUTHORITY.into());
        let settings = Mail {
            host: self.address.ip().to_string(),
            port: self.address.port(),
            security,
            authorities: Authorities { file },
            login: login.map(|password| ("latchkey".to_owned(), Secret::new(password.to_owned()))),
            from: "Latchkey <latchkey@example.edu>".parse().expect("an address"),
            reply_to: Some("help@example.edu".parse().expect("an address")),
        };
        let url = "https://latchkey.example.edu".parse().expect("an address");
        Mailer::of(&settings, &url).expect("good")
    }

    fn mails(&self) -> Vec<String> {
        self.heard.lock().expect("not poisoned").mails.clone()
    }

    fn connections(&self) -> usize {
        self.heard.lock().expect("not poisoned").connections
    }
}

/// One connection. What it returns is that nobody listens any more.
async fn talk(stream: TcpStream, heard: Arc<Mutex<Heard>>, answers: Answers) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut command = String::new();
    loop {
        let often = {
            let mut heard = heard.lock().expect("not poisoned");
            let often = heard.commands.entry(command.clone()).or_default();
            *often += 1;
            *often
        };
        let usual = match command.as_str() {
            "" => "220 a server",
            "EHLO" => "250-a server\r\n250 AUTH PLAIN",
            "AUTH" => "235 come in",
            "DATA" => "354 go on",
            "QUIT" => "221 goodbye",
            _ => "250 good",
        };
        match answers(&command, often).unwrap_or(usual) {
            END => return None,
            SILENCE => std::future::pending().await,
            answer => stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?,
        }
        if command == "DATA" && answers("DATA", often).is_none() {
            let mut mail = String::new();
            while !mail.ends_with("\r\n.\r\n") {
                (stream.read_line(&mut mail).await.ok()? > 0).then_some(())?;
            }
            let answer = answers(".", often).unwrap_or("250 taken");
            if answer == END {
                return None;
            }
            if answer.starts_with('2') {
                heard.lock().expect("not poisoned").mails.push(mail);
            }
            stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        }
        let mut line = String::new();
        (stream.read_line(&mut line).await.ok()? > 0).then_some(())?;
        command = line.split([' ', '\r']).next().unwrap_or_default().to_ascii_uppercase();
    }
}

fn good(_: &str, _: usize) -> Option<&'static str> {
    None
}

fn notice() -> Notice {
    sample(NoticeKind::TokenExpires)
}

/// What comes of one mail.
async fn sent(answers: Answers) -> Result<(), Undelivered> {
    let mailer = Server::new(answers).await.mailer(Some("hunter2"));
    mailer.line().deliver(&notice()).await
}

/// The header of a mail, without the line ends within it.
fn header<'m>(mail: &'m str, name: &str) -> Option<&'m str> {
    let (head, _) = mail.split_once("\r\n\r\n")?;
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[tokio::test]
async fn as_many_as_are_due_go_on_one_connection_in_plain_text_and_html() {
    let server = Server::new(good).await;
    let mut line = server.mailer(Some("hunter2")).line();
    for kind in NoticeKind::ALL {
        line.deliver(&sample(*kind)).await.expect("taken");
    }
    line.rest().await;
    let mails = server.mails();
    assert_eq!((mails.len(), server.connections()), (NoticeKind::ALL.len(), 1));
    for mail in &mails {
        assert!(mail.is_ascii(), "{mail}");
        assert!(mail.contains("multipart/alternative"), "{mail}");
        let at = |what: &str| mail.find(what).expect(what);
        assert!(at("text/plain") < at("text/html"), "the last is what is best: {mail}");
        assert_eq!(header(mail, "Auto-Submitted"), Some("auto-generated"));
        assert_eq!(header(mail, "From"), Some("Latchkey <latchkey@example.edu>"));
        assert_eq!(header(mail, "Reply-To"), Some("help@example.edu"));
        assert!(header(mail, "To").is_some_and(|to| to.contains("<sam@example.edu>")), "{mail}");
        assert!(header(mail, "Date").is_some() && header(mail, "Subject").is_some(), "{mail}");
        let id = format!("<{}@example.edu>", &notice().id.as_str()[..32]);
        assert_eq!(header(mail, "Message-ID"), Some(id.as_str()), "the same however often");
        assert!(!mail.contains("hunter2"), "{mail}");
    }
}

#[tokio::test]
async fn a_mail_that_is_refused_keeps_no_other_from_going() {
    let server =
        Server::new(|command, often| (command == "RCPT" && often == 1).then_some("550 nobody"))
            .await;
    let mut line = server.mailer(None).line();
    let refused = line.deliver(&notice()).await.expect_err("refused");
    assert_eq!(refused.retry, Retry::Never);
    line.deliver(&notice()).await.expect("taken");
    assert_eq!((server.mails().len(), server.connections()), (1, 1));
}

#[tokio::test]
async fn what_an_answer_means_depends_on_what_it_is_to() {
    let cases: [(Retry, Answers); 9] = [
        (Retry::Never, |command, _| (command == "RCPT").then_some("550 no such user")),
        (Retry::Never, |command, _| (command == ".").then_some("554 not such a mail")),
        (Retry::Later, |command, _| (command == "RCPT").then_some("451 come again")),
        (Retry::Later, |command, _| (command == ".").then_some("452 no room")),
        (Retry::AllLater, |command, _| (command == "RCPT").then_some("421 closing")),
        (Retry::AllLater, |command, _| (command == "MAIL").then_some("550 not by you")),
        (Retry::AllLater, |command, _| (command == "AUTH").then_some("535 wrong password")),
        (Retry::AllLater, |command, _| command.is_empty().then_some("554 not you")),
        (Retry::AllLater, |command, _| (command == "DATA").then_some(END)),
    ];
    for (at, (retry, answers)) in cases.into_iter().enumerate() {
        let undelivered = sent(answers).await.expect_err("not taken");
        assert_eq!(undelivered.retry, retry, "{at}: {undelivered:?}");
    }
}

#[tokio::test]
async fn the_log_has_the_number_and_a_terminal_the_words() {
    let refused = sent(|command, _| {
        (command == "RCPT").then_some("550 5.1.1 <sam@example.edu>: no such user")
    });
    let refused = refused.await.expect_err("refused");
    assert_eq!(refused.why, "it answers 550");
    assert!(refused.message.contains("no such user"), "{}", refused.message);
    let refused = sent(|command, _| (command == "AUTH").then_some("535 5.7.8 wrong password"));
    let refused = refused.await.expect_err("refused");
    assert_eq!(refused.why, "it answers 535");
    assert!(!format!("{refused:?}").contains("hunter2"));
    let cases: [Answers; 3] = [
        |command, _| (command == "RCPT").then_some("who is <sam@example.edu>?"),
        |command, _| (command == "RCPT").then_some("550<sam@example.edu> is nobody"),
        |command, _| (command == "RCPT").then_some("999 <sam@example.edu>: nobody"),
    ];
    for answers in cases {
        let refused = sent(answers).await.expect_err("no answer of SMTP");
        assert!(!refused.why.contains("sam"), "{}", refused.why);
    }
}

/// What the desk takes for an address is one to which mail goes.
#[test]
fn an_address_that_is_one_is_one_for_mail_too() {
    let parts =
        ["a", "a.b", "a..b", ".a", "a.", "-a", "a-", "o'neil+x", "é", "a b", "[::1]", "\"a\""];
    let mut good = 0;
    for (name, host) in parts.iter().flat_map(|name| parts.iter().map(move |host| (name, host))) {
        for text in [format!("{name}@{host}"), format!("{}@{host}.edu", name.repeat(17))] {
            if desk::is_email_address(&text) {
                good += 1;
                assert!(text.parse::<lettre::Address>().is_ok(), "{text}");
            }
        }
    }
    assert!(good > 20, "{good}");
}

#[tokio::test]
async fn a_server_that_ends_after_each_mail_gets_the_next_on_a_new_connection_once() {
    let server =
        Server::new(|command, often| (command == "MAIL" && often == 2).then_some("421 enough"))
            .await;
    let mut line = server.mailer(None).line();
    for _ in 0..2 {
        line.deliver(&notice()).await.expect("taken");
    }
    assert_eq!((server.mails().len(), server.connections()), (2, 2));
}

#[tokio::test]
async fn a_server_that_says_nothing_is_waited_for_no_longer_than_is_said() {
    let cases: [Answers; 2] = [
        |command, _| command.is_empty().then_some(SILENCE),
        |command, _| (command == "MAIL").then_some(SILENCE),
    ];
    for answers in cases {
        let mut mailer = Server::new(answers).await.mailer(None);
        mailer.timeouts.greet = Duration::from_millis(100);
        mailer.timeouts.mail = Duration::from_millis(100);
        let silent = mailer.line().deliver(&notice()).await.expect_err("silent");
        assert_eq!(silent.retry, Retry::AllLater);
        assert!(silent.why.contains("in time"), "{}", silent.why);
        let is_silent_at_once = answers("", 1).is_some();
        assert_eq!(silent.why.contains("mail.security"), is_silent_at_once, "{}", silent.why);
    }
}

#[tokio::test]
async fn where_one_side_alone_speaks_tls_it_is_said_what_to_look_at() {
    async fn why(answers: Answers, security: MailSecurity) -> String {
        let mut mailer = Server::new(answers).await.mailer_by(security, None);
        mailer.timeouts.greet = Duration::from_secs(5);
        let away = mailer.try_out().await.expect_err("no TLS, or nothing else");
        assert_eq!(away.retry, Retry::AllLater);
        assert_eq!(away.why, away.message);
        away.why
    }
    let no_tls = "no TLS from the first byte there: look at mail.security";
    assert_eq!(why(good, MailSecurity::Tls).await, no_tls);
    // The alert of a server that waits for a handshake.
    let alert: Answers = |command, _| command.is_empty().then_some("\u{15}\u{3}\u{1}\0\u{2}\u{2}F");
    for security in [MailSecurity::Starttls, MailSecurity::None] {
        let no_greeting = "no greeting in the clear there: look at mail.security";
        assert_eq!(why(alert, security).await, no_greeting);
    }
    // One that speaks as is expected is not to be looked at for that.
    assert!(!why(good, MailSecurity::Starttls).await.contains("mail.security"));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_away() {
    let gone = {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        listener.local_addr().expect("its address")
    };
    let server = Server { address: gone, heard: Arc::default() };
    let away = server.mailer(None).try_out().await.expect_err("nobody is there");
    assert_eq!(away.retry, Retry::AllLater);
}

#[tokio::test]
async fn whoever_is_let_in_sends_nothing_by_trying() {
    let server = Server::new(good).await;
    server.mailer(Some("hunter2")).try_out().await.expect("let in");
    assert_eq!((server.mails().len(), server.connections()), (0, 1));
    let to = "ada@example.edu".parse().expect("an address");
    server.mailer(None).send_test(&to).await.expect("taken");
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn without_an_address_nobody_is_asked() {
    let server = Server::new(good).await;
    for email in ["", "sam", "a@x.edu, b@x.edu", "a@x.edu\r\nBcc: b@x.edu"] {
        let notice = Notice { email: email.to_owned(), ..notice() };
        let none = server.mailer(None).line().deliver(&notice).await.expect_err(email);
        assert_eq!(none.retry, Retry::Never, "{email}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn nothing_that_somebody_wrote_makes_a_header() {
    let server = Server::new(good).await;
    let mut notice = Notice {
        name: "Zoë \"Sam\" <x@example.edu>\r\nBcc: everybody@example.edu".to_owned(),
        detail: "x\r\n\r\n.\r\nMAIL FROM:<x@example.edu>".to_owned(),
        ..notice()
    };
    notice.token.as_mut().expect("a token").description =
        "שלום\r\nBcc: everybody@example.edu\r\n\r\n<script>".to_owned();
    server.mailer(None).line().deliver(&notice).await.expect("taken");
    let mails = server.mails();
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert!(!mail.lines().any(|line| line.starts_with("Bcc")), "{mail}");
    let to: Vec<&str> = mail.lines().filter(|line| line.starts_with("To: ")).collect();
    assert_eq!(to.len(), 1, "{mail}");
    let recipients = server.heard.lock().expect("not poisoned").commands.get("RCPT").copied();
    assert_eq!(recipients, Some(1));
}
