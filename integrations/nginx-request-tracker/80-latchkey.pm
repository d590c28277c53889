# Goes to /etc/request-tracker5/RT_SiteConfig.d/80-latchkey.pm.

# Names below may have letters of any alphabet.
use utf8;

# The part that stock RT lacks. RT does not start without it, so that REMOTE_USER never counts
# unguarded.
Plugin('RT::Extension::Latchkey');

# One front for people: with this, RT's menu Auth Tokens and its boxes for a password lead to
# Latchkey, and RT makes no tokens itself. Put your Latchkey's address in.
# Set($LatchkeyURL, 'https://latchkey.example.edu');

# Where people log in to RT with a password of RT's own, the boxes for it stay:
# Set($LatchkeyKeepPasswords, 1);

# Where nginx asks a sign-on of the campus: the address at which that begins.
# Set($LatchkeySignOn, '/oauth2/start?rd=/');

# People whose name in RT is not their NetID (`latchkey rt import --write-names` writes
# a file of its own with them, 81-latchkey-names.pm):
# Set( %LatchkeyNames, 'kim' => 'Kim.Example@example.edu' );

# REMOTE_USER is who it is; without it, RT's own log-in as before.
Set($WebRemoteUserAuth, 1);
Set($WebFallbackToRTLogin, 1);

# A session that REMOTE_USER opened ends where REMOTE_USER is missing.
Set($WebRemoteUserContinuous, 1);

# By name alone, and nobody is made up.
Set($WebRemoteUserGecos, 0);
Set($WebRemoteUserAutocreate, 0);

1;
