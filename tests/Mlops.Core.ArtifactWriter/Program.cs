using System.Diagnostics;
using System.Globalization;
using Mlops;
using Mlops.Artifacts;

// Works on a folder of artifacts in a process of its own.
var store = new LocalArtifactStore(args[1]);
switch (args[0])
{
    // Adds one to a number as often as it is told, by conditional writes; another process may be doing the same.
    case "count":
        for (var left = int.Parse(args[2], CultureInfo.InvariantCulture); left > 0;)
        {
            try
            {
                var present = await store.FindAsync("counter");
                var number = present is null ? 0 : await ReadAsync();
                // Another process may have written between the two looks; then the condition does not hold.
                await WriteAsync(number + 1, present is null ? WriteCondition.IfAbsent : WriteCondition.IfMatches(present.Digest));
                left--;
            }
            catch (EntityConflictException)
            {
                Console.WriteLine("conflict");
            }
        }

        break;

    // Copies a file into the store and out of it, and tells the digest, the memory that took in MiB, and the rates in MiB/s.
    case "copy":
        var megabytes = new FileInfo(args[2]).Length / 1048576.0;
        var started = Stopwatch.GetTimestamp();
        Artifact written;
        await using (var source = new FileStream(args[2], FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous))
            written = await store.WriteAsync("copy", source);
        var writing = Stopwatch.GetElapsedTime(started).TotalSeconds;
        started = Stopwatch.GetTimestamp();
        await using (var content = await store.OpenReadAsync("copy")) await content.CopyToAsync(Stream.Null);
        var reading = Stopwatch.GetElapsedTime(started).TotalSeconds;
        using (var process = Process.GetCurrentProcess())
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{written.Digest} {process.PeakWorkingSet64 / 1048576.0:0} {megabytes / writing:0} {megabytes / reading:0}"));
        break;

    default:
        throw new ArgumentException($"'{args[0]}' is not a task.");
}

async Task<int> ReadAsync()
{
    await using var content = await store.OpenReadAsync("counter");
    using var reader = new StreamReader(content);
    return int.Parse(await reader.ReadToEndAsync(), CultureInfo.InvariantCulture);
}

Task WriteAsync(int number, WriteCondition condition)
{
    var content = new MemoryStream();
    using (var writer = new StreamWriter(content, leaveOpen: true)) writer.Write(number.ToString(CultureInfo.InvariantCulture));
    content.Position = 0;
    return store.WriteAsync("counter", content, condition);
}
