using Mlops.Artifacts;

namespace Mlops.Tracking;

/// <summary>Where a tracker keeps what it cannot deliver while its store cannot be written.</summary>
/// <remarks>
/// One file per tracker, written through to the disk before a flush returns, delivered in order when the store is back, each entry once. The file of a process that died is delivered by the
/// next tracker over the same store. A file belongs to one store, by an identity that the store itself keeps, and never goes to another one.
/// </remarks>
public sealed class SpoolOptions
{
    private const long LeastBytes = 4096;

    /// <summary>Gets or sets whether there is a spool. Without one, what cannot be written stays in memory, and flushing throws.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool IsEnabled { get; set; } = true;

    /// <summary>Gets or sets the folder, created when it is needed. Several trackers, processes and stores may share it.</summary>
    /// <value>
    /// The default value is <see langword="null"/>: <c>mlops/spool</c> in the user's local application data or, where there is none, in <c>/var/lib</c> for root on Linux and in a folder of
    /// the user's own in the temporary folder for others. A folder that is made there is the user's alone, as its files are wherever they lie; one that belongs to somebody else is refused.
    /// </value>
    public string? Directory { get; set; }

    /// <summary>Gets or sets how large the file of one tracker may become, in bytes. Then flushing throws, and logging does when the buffer is full.</summary>
    /// <value>The default value is 1 GiB, about 40 million measurements; the least is 4,096 bytes.</value>
    public long MaxBytes { get; set; } = 1L << 30;

    /// <summary>Gets or sets the longest time between attempts to deliver; it begins with a second and doubles.</summary>
    /// <value>The default value is 30 seconds, the least 1 millisecond, the most 49 days.</value>
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how many bytes may be kept of what the store refused for good while it took the rest. When there are as many, more is dropped, which is logged.</summary>
    /// <value>The default value is 64 MiB, zero keeps nothing; for all trackers over one store that share the folder.</value>
    public long MaxRefusedBytes { get; set; } = 1L << 26;

    /// <summary>Gets or sets for how long a tracker that is disposed still delivers what waits in its file. What is left is delivered by the next tracker over the same store.</summary>
    /// <value>The default value is 10 seconds; zero delivers nothing more. The most is 49 days.</value>
    public TimeSpan DisposeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets the user's local application data, so that tests can let there be none.</summary>
    internal string UserFolder { get; set; } = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);

    /// <summary>Gets or sets the temporary folder.</summary>
    internal string TemporaryFolder { get; set; } = Path.GetTempPath();

    /// <summary>Gets or sets whether the process may do everything.</summary>
    internal bool IsPrivileged { get; set; } = Environment.IsPrivilegedProcess;

    /// <summary>Gets or sets what opens the files, so that tests can let a disk fail.</summary>
    internal Func<string, FileMode, Stream> Open { get; set; } = OpenExclusively;

    internal string ResolveDirectory()
    {
        if (Directory is not null) return Path.GetFullPath(Directory);
        if (UserFolder.Length > 0) return Path.Combine(UserFolder, "mlops", "spool");
        // Whoever may do everything cannot tell a folder that somebody else has prepared for him from his own.
        return OperatingSystem.IsLinux() && IsPrivileged ? "/var/lib/mlops/spool" : Path.Combine(TemporaryRoot, "spool");
    }

    /// <summary>Creates the folder; one that is not named by the host is the user's alone.</summary>
    /// <exception cref="UnauthorizedAccessException">It belongs to somebody else, or may not be made.</exception>
    internal void CreateDirectory()
    {
        var path = ResolveDirectory();
        DurableFolder.Create(path, Directory is null ? UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute : null);
        CheckDirectory();
    }

    /// <summary>Checks that a folder that others could have made before us is ours.</summary>
    /// <exception cref="UnauthorizedAccessException">It belongs to somebody else.</exception>
    internal void CheckDirectory()
    {
        if (OperatingSystem.IsWindows() || !ResolveDirectory().StartsWith(TemporaryRoot, StringComparison.Ordinal) || Directory is not null) return;
        foreach (var path in new[] { TemporaryRoot, ResolveDirectory() })
        {
            if (new DirectoryInfo(path).LinkTarget is not null) throw new UnauthorizedAccessException($"'{path}' is a link, which anybody may have made.");
            // Only the owner may.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Makes a file of a name that nobody else makes.</summary>
    internal Stream OpenNew(string path)
    {
        try
        {
            return Open(path, FileMode.CreateNew);
        }
        catch (IOException) when (new FileInfo(path) is { Exists: true, Length: 0 })
        {
            // Whoever looks for files to adopt had it open before it was locked. It is empty then, and ours.
            return Open(path, FileMode.Open);
        }
    }

    internal void Check()
    {
        const string Spool = nameof(TrackerOptions.Spool);
        if (string.IsNullOrWhiteSpace(Directory) && Directory is not null)
            throw new ArgumentException($"{Spool}.{nameof(Directory)} is empty; name a folder, or leave it null for the default.", $"{Spool}.{nameof(Directory)}");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytes, LeastBytes, $"{Spool}.{nameof(MaxBytes)}");
        ArgumentOutOfRangeException.ThrowIfNegative(MaxRefusedBytes, $"{Spool}.{nameof(MaxRefusedBytes)}");
        TimerRange.Check(DisposeTimeout, TimeSpan.Zero, $"{Spool}.{nameof(DisposeTimeout)}");
        TimerRange.Check(RetryInterval, TimeSpan.FromMilliseconds(1), $"{Spool}.{nameof(RetryInterval)}");
    }

    private string TemporaryRoot => Path.Combine(TemporaryFolder, "mlops-" + string.Concat(Environment.UserName.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')));

    // Not shared: the lock is the operating system's, so it ends with the process.
    private static FileStream OpenExclusively(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 1 };
        if (mode == FileMode.CreateNew && !OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }
}
