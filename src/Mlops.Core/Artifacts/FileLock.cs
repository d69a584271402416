namespace Mlops.Artifacts;

/// <summary>A lock among processes: a file that is open without sharing. The operating system gives it back when a process dies.</summary>
internal static class FileLock
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(5);

    // The sharing violation of Windows, and EWOULDBLOCK of flock(2) on Linux and on macOS.
    private static readonly int s_heldElsewhere = OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : OperatingSystem.IsLinux() ? 11 : 35;

    /// <summary>Waits for the lock.</summary>
    /// <param name="file">The file, which is created and left behind.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <returns>The lock; it is given back when disposed.</returns>
    /// <exception cref="IOException">The file cannot be opened, for another reason than that somebody holds the lock.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be opened.</exception>
    public static async Task<FileStream> AcquireAsync(string file, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            }
            catch (IOException error) when (error.HResult == s_heldElsewhere)
            {
                await Task.Delay(s_poll, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
