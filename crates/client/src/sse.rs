//! Server-sent events, <https://html.spec.whatwg.org/multipage/server-sent-events.html>: the
//! `data:` of each event. Everything else in the stream (ids, comments, retry times) has no use
//! here.

/// Cuts a stream of bytes into events. An unfinished last event is dropped, as the standard says.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    line: Vec<u8>,
    data: Option<String>,
    /// A line end of two bytes may be cut in the middle.
    after_cr: bool,
}

/// What no event of ours comes near; more is somebody else's stream.
const LONGEST_LINE: usize = 64 * 1024;

impl Parser {
    /// Takes the next bytes; returns the data of the events they finish.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut finished = Vec::new();
        for &byte in bytes {
            let end_of_crlf = byte == b'\n' && self.after_cr;
            self.after_cr = byte == b'\r';
            match byte {
                _ if end_of_crlf => {}
                b'\r' | b'\n' => finished.extend(self.end_line()),
                _ if self.line.len() < LONGEST_LINE => self.line.push(byte),
                _ => {}
            }
        }
        finished
    }

    fn end_line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return self.data.take();
        }
        let line = String::from_utf8_lossy(&line);
        if let Some(value) = line.strip_prefix("data:") {
            let value = value.strip_prefix(' ').unwrap_or(value);
            match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str =
        ": hello\n\nevent: keys\ndata: {\"a\":1}\n\ndata:one\r\ndata: two\r\n\r\ndata: unfinished";

    #[test]
    fn events_come_out_whole_however_the_bytes_are_cut() {
        let expected = ["{\"a\":1}", "one\ntwo"];
        for cut in 1..STREAM.len() {
            let mut parser = Parser::default();
            let events: Vec<String> =
                STREAM.as_bytes().chunks(cut).flat_map(|chunk| parser.feed(chunk)).collect();
            assert_eq!(events, expected, "in pieces of {cut} bytes");
        }
    }
}
