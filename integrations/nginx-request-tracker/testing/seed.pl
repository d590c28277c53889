# Fills a new Request Tracker: people whose names are NetIDs, what they may do, and some of RT's own
# tokens: one of tia's, and eight of rae's, one for each application as RT means them.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT -init;

# lee has no password in RT, as where a directory checks them.
for my $name (qw(tia rae helen lee)) {
    my $user = RT::User->new(RT->SystemUser);
    my ( $id, $why ) = $user->Create(
        Name         => $name,
        RealName     => ucfirst $name,
        EmailAddress => "$name\@example.edu",
        $name eq 'lee' ? () : ( Password => "$name-rt-password" ),
        Privileged   => 1,
    );
    die "$name: $why" unless $id;
}

my $privileged = RT::Group->new(RT->SystemUser);
$privileged->LoadSystemInternalGroup('Privileged');
my @rights = qw(
    SeeQueue ShowTicket ShowTicketComments CreateTicket ModifyTicket ReplyToTicket
    CommentOnTicket OwnTicket ModifySelf ManageAuthTokens
);
for my $right (@rights) {
    my ( $id, $why ) =
        $privileged->PrincipalObj->GrantRight( Right => $right, Object => RT->System );
    die "$right: $why" unless $id;
}

for my $name ( 'tia', ('rae') x 8 ) {
    my $owner = RT::CurrentUser->new;
    $owner->Load($name);
    my ( $id, $why, $token ) =
        RT::AuthToken->new($owner)->Create( Owner => $owner->id, Description => 'Tests' );
    die "token: $why" unless $id;
    print "$token\n";
}
