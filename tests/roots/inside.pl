# Enters a root for good, as another user and in a cgroup, and becomes a command or process 1.
#   perl inside.pl ROOT CGROUP_PROCS UID exec N WORD... PROGRAM ARGUMENT...
#   perl inside.pl ROOT CGROUP_PROCS UID app MEBIBYTES
# N words, if any, are run instead of PROGRAM.
# No program of the root is needed for it: an empty one has none.
use strict;
use POSIX ();

my ($root, $procs, $uid, $what, @rest) = @ARGV;
if ($procs) {
    open(my $file, '>', $procs) or die "cgroup $procs: $!\n";
    syswrite($file, "0\n") or die "cgroup $procs: $!\n";
}
# As runc does: the container's log belongs to its user, or nobody else could open it again.
chown($uid, $uid, *STDOUT) if $what eq 'app';
chdir($root) && chroot('.') && chdir('/') or die "root $root: $!\n";
$) = "$uid $uid";
POSIX::setgid($uid) or die "group $uid: $!\n";
POSIX::setuid($uid) or die "user $uid: $!\n";

if ($what eq 'exec') {
    for my $name (qw(LD_PRELOAD LD_LIBRARY_PATH LC_ALL LANG)) {
        my $value = delete $ENV{"HELD_$name"};
        $ENV{$name} = $value if defined $value;
    }
    my @words = splice(@rest, 0, shift @rest);
    @rest = (@words, @rest[1 .. $#rest]) if @words;
    { exec { $rest[0] } @rest; }
    print STDERR "exec $rest[0]: $!\n";
    exit 127;
}

# As after an exec: a process that has changed its user hides its files in /proc (prctl, DUMPABLE).
syscall((POSIX::uname())[4] eq 'aarch64' ? 167 : 157, 4, 1, 0, 0, 0) == 0 or die "prctl: $!\n";

# The app: takes its memory, and the children that are left to it.
$SIG{CHLD} = 'IGNORE';
my $memory = 'x' x ($rest[0] << 20);
print STDERR "ready\n";
sleep 1 while $memory;
