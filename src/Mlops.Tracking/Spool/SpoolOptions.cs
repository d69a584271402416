namespace Mlops.Tracking;

/// <summary>Where a tracker keeps what it cannot deliver while its store cannot be written.</summary>
/// <remarks>
/// One file per tracker, written through to the disk before a flush returns, delivered in order when the store is back, each entry once. The file of a process that died is delivered by the
/// next tracker over the same store. A file belongs to one store, by an identity that the store itself keeps, and never goes to another one.
/// </remarks>
public sealed class SpoolOptions
{
    /// <summary>Gets or sets whether there is a spool. Without one, what cannot be written stays in memory, and flushing throws.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool IsEnabled { get; set; } = true;

    /// <summary>Gets or sets the folder, created when it is needed. Several trackers, processes and stores may share it.</summary>
    /// <value>The default value is <see langword="null"/>: <c>mlops/spool</c> in the user's local application data, or in the temporary folder where there is none.</value>
    public string? Directory { get; set; }

    /// <summary>Gets or sets how large the file of one tracker may become, in bytes. Then flushing throws, and logging does when the buffer is full.</summary>
    /// <value>The default value is 1 GiB, about 40 million measurements.</value>
    public long MaxBytes { get; set; } = 1L << 30;

    /// <summary>Gets or sets the longest time between attempts to deliver; it begins with a second and doubles.</summary>
    /// <value>The default value is 30 seconds.</value>
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets what opens the files, so that tests can let a disk fail.</summary>
    internal Func<string, FileMode, Stream> Open { get; set; } = OpenExclusively;

    internal string ResolveDirectory()
    {
        if (Directory is not null) return Path.GetFullPath(Directory);
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(data.Length > 0 ? data : Path.GetTempPath(), "mlops", "spool");
    }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytes, 4096, nameof(MaxBytes));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RetryInterval, TimeSpan.Zero, nameof(RetryInterval));
    }

    // Not shared: the lock is the operating system's, so it ends with the process.
    private static FileStream OpenExclusively(string path, FileMode mode) => new(path, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
}
