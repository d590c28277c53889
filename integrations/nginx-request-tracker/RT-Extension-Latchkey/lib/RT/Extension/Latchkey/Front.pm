package RT::Extension::Latchkey::Front;

# One front for people: what RT's pages say about tokens and local passwords leads to Latchkey's.
# All of it stands still where $LatchkeyURL is not set.

use strict;
use warnings;

use URI::Escape ();

# The address of a path at Latchkey, or none.
sub address {
    my ( $class, $path ) = @_;
    my $base = RT->Config->Get('LatchkeyURL') // '';
    $base =~ s{/+\z}{};
    return length $base ? $base . $path : undef;
}

# What somebody is called in RT, by their NetID; none: by that name RT has somebody else.
sub name_of {
    my ( $class, $netid ) = @_;
    my $names = _names();
    return $names->{ lc $netid } if defined $names->{ lc $netid };
    return if grep { lc $_ eq lc $netid } values %$names;
    return $netid;
}

# And the other way round.
sub _netid_of {
    my ($name) = @_;
    my $names = _names();
    my ($netid) = grep { lc $names->{$_} eq lc $name } sort keys %$names;
    return $netid // lc $name;
}

sub _names { return scalar( RT->Config->Get('LatchkeyNames') ) || {} }

# Where the Help Desk finds a user: their page, by a name that is a NetID; else the search, which
# knows e-mail addresses.
sub address_of_user {
    my ( $class, $user ) = @_;
    return $class->address('/admin/users') unless $user && $user->id;
    my $name = _netid_of( $user->Name // '' );
    return $class->address("/admin/users/$name") if $name =~ /\A[a-z][a-z0-9._-]*\z/;
    my $known_by = $user->EmailAddress || $name;
    return $class->address( '/admin/users?q=' . URI::Escape::uri_escape_utf8($known_by) );
}

# Whether the boxes for a password lead there.
sub has_passwords {
    my ($class) = @_;
    return defined $class->address('') && !RT->Config->Get('LatchkeyKeepPasswords');
}

# Whether RT goes on letting anybody in by a token of its own.
sub takes_tokens {
    my ($class) = @_;
    return !defined $class->address('') || RT->Config->Get('LatchkeyKeepTokens');
}

# RT's own pages for tokens, by the page itself, however its address was written; and who looks.
sub instead_of {
    my ( $class, $page, $id, $current ) = @_;
    return $class->address('/settings/auth-tokens') if $page eq '/Prefs/AuthTokens.html';
    return unless $page eq '/Admin/Users/AuthTokens.html';
    # The name that goes with a number is for those who may look.
    my $may_look = $current->HasRight( Right => 'AdminUsers', Object => RT->System );
    return $class->address_of_user( $may_look ? _loaded( $id, $current ) : undef );
}

# In RT's menus, once RT has built them.
sub menus {
    my ( $class, $id, $current ) = @_;
    my $tokens = $class->address('/settings/auth-tokens') // return;
    my $preferences = HTML::Mason::Commands::Menu()->child('preferences');
    if ( my $settings = $preferences && $preferences->child('settings') ) {
        _lead( $settings, auth_tokens => 'Auth Tokens', $tokens );
        my $about_me = $class->address('/settings/about-me');
        _lead( $settings, local_password => 'Local password', $about_me ) if $class->has_passwords;
    }
    if ( my $of_user = HTML::Mason::Commands::PageMenu()->child('auth_tokens') ) {
        $of_user->path( $class->address_of_user( _loaded( $id, $current ) ) );
    }
    return;
}

sub _lead {
    my ( $menu, $key, $title, $address ) = @_;
    my $entry = $menu->child($key);
    return $entry->path($address) if $entry;
    return $menu->child( $key => title => HTML::Mason::Commands::loc($title), path => $address );
}

sub _loaded {
    my ( $id, $current ) = @_;
    my $user = RT::User->new($current);
    $user->Load($id) if defined $id && !ref $id;
    return $user;
}

# In RT's web processes: what its pages no longer do, nothing else there does either. Commands on
# RT's own machine (rt-passwd) go on.
sub install {
    my ($class) = @_;
    my $url = RT->Config->Get('LatchkeyURL');
    die "LatchkeyURL is to be an address, as in 'https://latchkey.example.edu'.\n"
        if defined $url && length $url && $url !~ m{\Ahttps?://[^/?#\s]+[^?#\s]*\z}i;
    no warnings 'redefine';

    my $create = \&RT::AuthToken::Create;
    *RT::AuthToken::Create = sub {
        goto &$create unless defined $class->address('');
        return ( 0, 'Tokens are made at ' . $class->address('/settings/auth-tokens') );
    };

    # In a header, an address or a body: whoever asks whether a string is a token asks this.
    my $is_token = \&RT::AuthToken::IsToken;
    *RT::AuthToken::IsToken = sub {
        goto &$is_token if $class->takes_tokens;
        return 0;
    };

    my $set = \&RT::User::SetPassword;
    *RT::User::SetPassword = sub {
        goto &$set unless $class->has_passwords;
        return ( 0, $class->_no_password );
    };

    my $condition = \&RT::User::CurrentUserRequireToSetPassword;
    *RT::User::CurrentUserRequireToSetPassword = sub {
        goto &$condition unless $class->has_passwords;
        return ( CanSet => 0, RequireCurrent => 1, Reason => $class->_no_password );
    };
    return;
}

sub _no_password {
    my ($class) = @_;
    return 'Local passwords are changed at ' . $class->address('/settings/about-me');
}

1;
