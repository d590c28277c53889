//! Requests written down byte by byte, and answers as they come.

use std::net::SocketAddr;
use std::time::Duration;

use app::wire::WireEncoding;
use desk::Refusal;
use leptos::server_fn::Decodes as _;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpSocket, TcpStream};

/// A request, written down byte by byte: a client library would tidy up just what these tests are
/// about.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    method: String,
    target: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub(crate) fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// A form, sent as our own script sends it.
    pub(crate) fn form(target: &str, fields: &[(&str, &str)]) -> Self {
        let body =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self { body: body.into_bytes(), ..Self::new("POST", target) }
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
    }

    /// A form, sent by a browser without script.
    pub(crate) fn plain_form(target: &str, fields: &[(&str, &str)]) -> Self {
        Self::form(target, fields).page()
    }

    /// A browser asks for a page.
    pub(crate) fn page(self) -> Self {
        self.header("accept", "text/html,application/xhtml+xml;q=0.9")
    }

    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        self.raw_header(name, value.as_bytes())
    }

    pub(crate) fn raw_header(mut self, name: &str, value: &[u8]) -> Self {
        self.headers.push((name.to_owned(), value.to_vec()));
        self
    }

    /// Without a header set before.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(key, _)| key != name);
        self
    }

    pub(crate) fn body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    pub(crate) fn cookie(self, cookie: &desk::Cookie) -> Self {
        self.header("cookie", &format!("latchkey={}", cookie.expose()))
    }

    pub(crate) fn token(self, token: &desk::PlainToken) -> Self {
        self.header("authorization", &format!("token {}", token.expose()))
    }

    fn head(&self, address: SocketAddr) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        if !self.headers.iter().any(|(name, _)| name == "host") {
            head.extend(format!("host: {address}\r\n").bytes());
        }
        let chunked = self.headers.iter().any(|(name, _)| name == "transfer-encoding");
        if !chunked && (!self.body.is_empty() || self.method == "POST") {
            head.extend(format!("content-length: {}\r\n", self.body.len()).bytes());
        }
        for (name, value) in &self.headers {
            head.extend(name.bytes().chain(*b": "));
            head.extend(value);
            head.extend(b"\r\n");
        }
        head.extend(b"connection: close\r\n\r\n");
        head
    }

    pub(crate) async fn send(&self, address: SocketAddr) -> Answer {
        self.send_on(TcpStream::connect(address).await.unwrap()).await
    }

    /// As [`Request::send`], to a server that may be killed meanwhile: none, if the answer has not
    /// come whole.
    pub(crate) async fn try_send(&self, address: SocketAddr) -> Option<Answer> {
        let mut stream = TcpStream::connect(address).await.ok()?;
        stream.write_all(&self.head(address)).await.ok()?;
        let _ = stream.write_all(&self.body).await;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.ok()?;
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        // One whose length is not stated ends with a piece of no length.
        let is_ended = bytes.ends_with(b"\r\n0\r\n\r\n");
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let stated = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let is_whole = match stated {
            Some(length) => length.trim() == (bytes.len() - end - 4).to_string(),
            None => is_ended || !head.contains("transfer-encoding"),
        };
        is_whole.then(|| Answer::parse(&bytes))
    }

    /// As [`Request::send`], from another of this machine's own addresses.
    pub(crate) async fn send_from(&self, from: [u8; 4], address: SocketAddr) -> Answer {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((from, 0).into()).unwrap();
        self.send_on(socket.connect(address).await.unwrap()).await
    }

    async fn send_on(&self, mut stream: TcpStream) -> Answer {
        let address = stream.peer_addr().unwrap();
        stream.write_all(&self.head(address)).await.unwrap();
        // A server that refuses early may stop reading: what it says still counts.
        let _ = stream.write_all(&self.body).await;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        Answer::parse(&bytes)
    }

    /// As [`Request::send`]; of an answer that goes on, only how it begins.
    pub(crate) async fn begin(&self, address: SocketAddr) -> Answer {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(&self.head(address)).await.unwrap();
        let _ = stream.write_all(&self.body).await;
        let mut bytes = Vec::new();
        while stream.read_buf(&mut bytes).await.unwrap() > 0 {
            let text = String::from_utf8_lossy(&bytes);
            if text.contains("text/event-stream") && text.ends_with("\n\n\r\n") {
                break;
            }
        }
        Answer::parse(&bytes)
    }

    /// Sends it and reads the answer's body line by line, as it comes.
    pub(crate) async fn open(&self, address: SocketAddr) -> Stream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(&self.head(address)).await.unwrap();
        let mut stream = Stream { reader: BufReader::new(stream) };
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            head.push_str(&stream.line().await.unwrap());
        }
        assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("text/event-stream"), "{head}");
        assert!(head.contains("x-accel-buffering: no"), "nginx would hold the events back: {head}");
        stream
    }
}

/// Status, headers and body.
type Looks = (u16, Vec<(String, Vec<u8>)>, Vec<u8>);

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(bytes)));
        let mut lines = bytes[..end]
            .split(|byte| *byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let status = String::from_utf8_lossy(lines.next().unwrap())
            .split(' ')
            .nth(1)
            .unwrap()
            .parse()
            .unwrap();
        let split = |line: &[u8]| {
            let colon = line.iter().position(|byte| *byte == b':').unwrap();
            (
                String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase(),
                line[colon + 1..].trim_ascii().to_vec(),
            )
        };
        let mut answer =
            Self { status, headers: lines.map(split).collect(), body: bytes[end + 4..].to_vec() };
        if answer.header("transfer-encoding").as_deref() == Some("chunked") {
            answer.body = unchunk(&answer.body);
        }
        answer
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.raw_header(name).map(|value| String::from_utf8(value.to_vec()).unwrap())
    }

    pub(crate) fn raw_header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_slice())
    }

    pub(crate) fn headers(&self, name: &str) -> Vec<String> {
        self.headers
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| String::from_utf8(value.clone()).unwrap())
            .collect()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    /// What a server function told.
    pub(crate) fn decoded<T: DeserializeOwned>(&self) -> T {
        WireEncoding::decode(self.body.clone().into())
            .unwrap_or_else(|_| panic!("not of this type: {:?}", self.body))
    }

    /// Why a server function did nothing.
    pub(crate) fn refusal(&self) -> Refusal {
        self.decoded()
    }

    /// How large its head is, in bytes: what a proxy has to keep before it passes anything on.
    pub(crate) fn head_size(&self) -> usize {
        self.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum::<usize>()
            + "HTTP/1.1 200 Internal Server Error\r\n\r\n".len()
    }

    /// Names of all headers, and everything but the date and the request's own name: what must be
    /// the same where two answers must look the same.
    pub(crate) fn looks(&self) -> Looks {
        let is_same = |(name, _): &&(String, Vec<u8>)| name != "date" && name != "x-request-id";
        let headers = self.headers.iter().filter(is_same).cloned().collect();
        (self.status, headers, self.body.clone())
    }
}

fn unchunk(mut bytes: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = bytes.windows(2).position(|window| window == b"\r\n") {
        let size = usize::from_str_radix(&String::from_utf8_lossy(&bytes[..end]), 16).unwrap();
        whole.extend(&bytes[end + 2..end + 2 + size]);
        bytes = &bytes[end + 4 + size..];
    }
    whole
}

/// An answer that goes on.
#[derive(Debug)]
pub(crate) struct Stream {
    reader: BufReader<TcpStream>,
}

impl Stream {
    /// The next line; none at the end.
    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.reader.read_line(&mut line).await.unwrap();
        (read > 0).then_some(line)
    }

    /// The next line that says anything but when to come back; none at the end.
    pub(crate) async fn next_event_line(&mut self) -> Option<String> {
        loop {
            let line = self.line().await?;
            let line = line.trim();
            let is_size = !line.is_empty() && line.bytes().all(|c| c.is_ascii_hexdigit());
            if !line.is_empty() && !is_size && !line.starts_with("retry:") && line != ": open" {
                return Some(line.to_owned());
            }
        }
    }

    /// The next event's name; none at the end.
    pub(crate) async fn event(&mut self) -> Option<String> {
        let next = async {
            loop {
                if let Some(name) = self.line().await?.strip_prefix("event: ") {
                    return Some(name.trim().to_owned());
                }
            }
        };
        tokio::time::timeout(Duration::from_mins(1), next)
            .await
            .expect("an event or the end within a minute")
    }
}

/// The session's cookie that an answer sets, as it is sent back.
pub(crate) fn session(answer: &Answer) -> Option<String> {
    answer
        .headers("set-cookie")
        .iter()
        .find(|line| line.starts_with("latchkey="))
        .map(|line| line.split(';').next().unwrap().to_owned())
}
