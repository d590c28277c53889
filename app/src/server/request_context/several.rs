//! Session cookies that come more than once: a neighbour at another path of the host, or at another
//! host of the domain, has set one of the same name, and browsers send both. Tests:
//! `server/tests/server/people/twice.rs`.

use desk::Refusal;

use super::RequestContext;

impl RequestContext {
    /// Where the request carries several session cookies, asks the desk which of them is one: that
    /// of the only session that goes on. Where several do, somebody has set one of theirs beside
    /// ours, and nobody is logged in: neither acts for the other. The next log-in ends them all.
    pub async fn tell_cookies_apart(&mut self) {
        if self.carried.all.len() < 2 {
            return;
        }
        let mut live = Vec::new();
        for cookie in &self.carried.all {
            match self.desk.glance(cookie).await {
                Ok(_) => live.push(cookie.clone()),
                Err(Refusal::SessionEnded) => {}
                Err(_) => {
                    // Nobody can say it now: whoever asks with this one is told that.
                    self.cookie = Some(cookie.clone());
                    return;
                }
            }
        }
        if live.len() > 1 {
            self.ambiguous = live;
        } else {
            self.cookie = live.pop();
        }
    }

    /// Whether a session that begins now may have a cookie that is not looked at.
    pub(crate) fn carries_too_many(&self) -> bool {
        self.carried.are_too_many
    }

    /// What is to be done about several session cookies, on the log-in page; nothing where there is
    /// nothing to do.
    pub(crate) fn about_cookies(&self) -> String {
        if self.carried.all.len() < 2 && !self.carried.are_too_many {
            return String::new();
        }
        "Your browser has this site’s session cookie more than once: another site at this address, \
         or in its domain, has set one of the same name. Log in. If this page comes back, delete \
         this site’s cookies in your browser’s settings, and log in once more."
            .to_owned()
    }

    /// Ends the sessions of which several cookies came, once another one begins or all end: what is
    /// left is one.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub(crate) async fn end_ambiguous(&self) -> Result<(), Refusal> {
        for cookie in &self.ambiguous {
            match self.desk.glance(cookie).await {
                Ok(visitor) => self.desk.log_out(&visitor, &self.origin).await?,
                Err(Refusal::SessionEnded) => {}
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(())
    }

    /// Ends the sessions that this browser has from other times of this desk, as far as they go on
    /// here, and removes their cookies: another desk at the same host may have one of the same
    /// name.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub(crate) async fn end_earlier(&self) -> Result<(), Refusal> {
        for (name, cookie) in &self.earlier {
            match self.desk.glance(cookie).await {
                Ok(visitor) => self.desk.log_out(&visitor, &self.origin).await?,
                Err(Refusal::SessionEnded) => continue,
                Err(refusal) => return Err(refusal),
            }
            self.append_cookie(name, "", super::REMOVED);
        }
        Ok(())
    }
}
