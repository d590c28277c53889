package RT::Extension::Latchkey;

# Lets Latchkey say who a request is. nginx asks it and passes the answer as REMOTE_USER; a request
# without REMOTE_USER goes on to Request Tracker as it is. What stock RT 5 does not do by itself:
#
# - REST 2.0 does not know REMOTE_USER.
# - A user disabled in RT is let in to web pages by REMOTE_USER.
# - RT loads a REMOTE_USER of digits by number: "14" would be root.
# - RT answers with a session's cookie, which opens REST 2.0 without the token, also after the token
#   was revoked.
# - A cookie sent along counts more than REMOTE_USER.
# - Where people have no password in RT, it lets them make one, or one of RT's own tokens, without
#   asking for any.
#
# Whom a sign-on of the campus has logged in comes as LATCHKEY_PERSON instead: a person, who has a
# session as with RT's own log-in, for as long as the sign-on goes on saying the same name.
#
# With $LatchkeyURL, RT's menus and pages lead to Latchkey's, and RT takes no token of its own
# (Latchkey/Front.pm).

use strict;
use warnings;

use Plack::Util;

use RT::Extension::Latchkey::Front;

our $VERSION = '1.1';

# Of the request under way; RT answers one at a time in each process. Whether it came with a token;
# whether nginx asks a sign-on; and whom that has named.
my ( $by_token, $signs_on, $person );

# RT wraps its whole application, web pages and REST, in this.
sub PSGIWrap {
    my ( $class, $app ) = @_;
    _install();
    return sub {
        my ($env) = @_;
        # RT wraps once more for each time that its settings have been read.
        return $app->($env) if $env->{'latchkey.decided'}++;
        my $name = delete $env->{REMOTE_USER};
        my $signed_on = delete $env->{LATCHKEY_PERSON};
        $by_token = defined $name && length $name;
        $signs_on = !$by_token && defined $signed_on;
        $person = undef;
        $name = $signed_on unless $by_token;
        return $app->($env) unless defined $name && length $name;

        my $user = eval { RT::ConnectToDatabase(); _user($name) };
        if ( my $error = $@ ) {
            RT->Logger->error("Latchkey: cannot look up '$name': $error");
            return _refuse( 503, 'Request Tracker cannot look up its users.', 'Retry-After' => 5 );
        }
        if ( !$user ) {
            RT->Logger->warning("Latchkey: refused '$name', who is not an enabled user here");
            return _refuse( 403, 'This user may not use Request Tracker.' );
        }

        $env->{REMOTE_USER} = $user->Name;
        if ( !$by_token ) {
            $person = $user->Name;
            return $app->($env);
        }
        $env->{'latchkey.user'} = $user;
        delete @$env{qw(HTTP_AUTHORIZATION HTTP_COOKIE)};
        return Plack::Util::response_cb( $app->($env),
            sub { Plack::Util::header_remove( $_[0][1], 'Set-Cookie' ) } );
    };
}

# The enabled user of exactly this name, or of the one that RT has for it, or none.
sub _user {
    my ($name) = @_;
    $name = RT::Extension::Latchkey::Front->name_of($name) // return;
    # What this process remembers of an earlier request may be out of date.
    DBIx::SearchBuilder::Record::Cachable->FlushCache;
    my $user = RT::CurrentUser->new;
    $user->Load($name);
    return unless $user->id && lc $user->Name eq lc $name;
    return if $user->Disabled;
    # RT's own two are nobody's NetID; the first may do everything.
    return if $user->id == RT->SystemUser->id || $user->id == RT->Nobody->id;
    return $user;
}

sub _refuse {
    my ( $status, $why, @headers ) = @_;
    my @always = ( 'Content-Type' => 'text/plain', 'Cache-Control' => 'no-store' );
    return [ $status, [ @always, @headers ], ["$why\n"] ];
}

# What would go on working after the token is revoked: a password, one of RT's own tokens, a feed's
# address. What RT gets instead when it asks for one in a request with a token.
my %lasting = (
    'RT::User::SetPassword'        => [ 0, 'A token sets no password.' ],
    'RT::AuthToken::Create'        => [ 0, 'A token makes no token.' ],
    'RT::User::GenerateAuthString' => [''],
);

my $installed;

sub _install {
    return if $installed++;
    no strict 'refs';
    no warnings qw(once redefine);

    require RT::REST2::Middleware::Auth;
    unshift @RT::REST2::Middleware::Auth::auth_priority, 'login_from_latchkey';
    *RT::REST2::Middleware::Auth::login_from_latchkey = sub { $_[1]{'latchkey.user'} };

    my $class = \&RT::Interface::Web::Session::Class;
    *RT::Interface::Web::Session::Class =
        sub { $by_token ? 'RT::Extension::Latchkey::Session' : $class->(@_) };

    # A session that the sign-on opened counts while it names the same person, by REST as well.
    my $logged_in = \&RT::Interface::Web::_UserLoggedIn;
    *RT::Interface::Web::_UserLoggedIn = sub {
        my $session = \%HTML::Mason::Commands::session;
        return unless $logged_in->();
        return 1 unless $signs_on && $session->{WebExternallyAuthed};
        return 1 if defined $person && lc $session->{CurrentUser}->Name eq lc $person;
        return;
    };

    require RT::AuthToken;
    while ( my ( $name, $instead ) = each %lasting ) {
        my $stock = \&$name;
        *$name = sub {
            goto &$stock unless $by_token;
            return wantarray ? @$instead : $instead->[0];
        };
    }
    # What that says would be an empty 500 by REST: RT asks for the password that there is first.
    require RT::REST2::Resource::User;
    my $update = \&RT::REST2::Resource::User::update_resource;
    *RT::REST2::Resource::User::update_resource = sub {
        my ( $self, $data ) = @_;
        goto &$update unless $by_token && exists $data->{Password};
        my $why = $lasting{'RT::User::SetPassword'}[1];
        return RT::REST2::Util::error_as_json( $self->response, \403, $why );
    };
    RT::Extension::Latchkey::Front->install;
}

# A session that ends with its request: it is kept nowhere, so that no cookie can bring it back.
package RT::Extension::Latchkey::Session;

require Tie::Hash;
our @ISA = ('Tie::StdHash');

sub TIEHASH { return bless { _session_id => 'kept-nowhere' }, shift }

sub delete { %{ $_[0] } = (); return }

1;

__END__

=head1 NAME

RT::Extension::Latchkey - tokens and local passwords are Latchkey's

=head1 INSTALLATION

    perl Makefile.PL && make && make install

or copy this folder to RT's F<local/plugins>. Then, in RT's configuration:

    Plugin('RT::Extension::Latchkey');
    Set($LatchkeyURL, 'https://latchkey.example.edu');

=head1 CONFIGURATION

=over 4

=item C<$LatchkeyURL>

Where Latchkey is. The menu B<Auth Tokens>, and the boxes for a password, lead there, and RT makes
no tokens and sets no passwords on its pages. RT takes no token of its own any more, in a header, an
address (C<?token=>) or a body: what Latchkey does not let in gets in nowhere. Addresses of feeds go
on. Without it, all of that is RT's as before.

=item C<%LatchkeyNames>

People whose name in RT is not their NetID, as in the map file of C<latchkey rt import>:

    Set( %LatchkeyNames, 'kim' => 'Kim.Example@example.edu' );

=item C<$LatchkeyKeepPasswords>

The boxes for a password stay RT's: for where people log in to RT with a password of RT's own.

=item C<$LatchkeyKeepTokens>

RT goes on taking its own tokens: for the time before they are Latchkey's. A token revoked at
Latchkey then still opens RT wherever RT itself is asked.

=item C<$LatchkeySignOn>

The address at which the campus's sign-on begins. RT's page B<Login> has a link to it.

=back

=head1 AUTHOR

The contributors of Latchkey

=head1 LICENSE AND COPYRIGHT

MIT or Apache-2.0, as Latchkey.

=cut
