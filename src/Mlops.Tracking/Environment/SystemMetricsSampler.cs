using System.Globalization;

namespace Mlops.Tracking;

/// <summary>Logs the load of the machine and of this process to a run, from time to time, as metrics <c>system/…</c>.</summary>
internal sealed class SystemMetricsSampler : IAsyncDisposable
{
    private const double Megabyte = 1 << 20;

    private readonly Run _run;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private TimeSpan _processTime;
    private (double Busy, double All)? _machine;
    private long _at;
    private long _step;
    private int _sampling;

    public SystemMetricsSampler(Run run, TimeSpan interval, TimeProvider time)
    {
        (_run, _time) = (run, time);
        (_processTime, _machine, _at) = (Environment.CpuUsage.TotalTime, ReadMachine(), time.GetTimestamp());
        _timer = time.CreateTimer(_ => Sample(), null, interval, interval);
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Sample()
    {
        // A sample that has to wait for room in the buffer is not overtaken by the next.
        if (Interlocked.Exchange(ref _sampling, 1) != 0) return;
        try
        {
            var step = _step++;
            foreach (var (name, value) in Read()) _run.LogMetric(name, value, step);
        }
#pragma warning disable CA1031 // The run has ended or is refused, its store is down and the buffer full, or a figure cannot be read: nobody waits for a sample, and on a timer nothing could catch it.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
        finally
        {
            Volatile.Write(ref _sampling, 0);
        }
    }

    private List<(string Name, double Value)> Read()
    {
        var (processTime, machine, at) = (Environment.CpuUsage.TotalTime, ReadMachine(), _time.GetTimestamp());
        var values = new List<(string, double)>();
        var elapsed = _time.GetElapsedTime(_at, at);
        if (elapsed > TimeSpan.Zero) values.Add(("system/process_cpu_utilization_percentage", 100 * (processTime - _processTime) / elapsed / Environment.ProcessorCount));
        if (machine is { } now && _machine is { } before && now.All > before.All)
            values.Add(("system/cpu_utilization_percentage", 100 * (now.Busy - before.Busy) / (now.All - before.All)));
        (_processTime, _machine, _at) = (processTime, machine, at);

        values.Add(("system/process_memory_megabytes", Environment.WorkingSet / Megabyte));
        if (ReadMemory() is { } memory)
        {
            values.Add(("system/system_memory_usage_megabytes", memory.Used / Megabyte));
            values.Add(("system/system_memory_usage_percentage", 100 * memory.Used / memory.All));
        }

        values.Add(("system/gc_heap_megabytes", GC.GetTotalMemory(forceFullCollection: false) / Megabyte));
        values.Add(("system/gc_allocated_megabytes", GC.GetTotalAllocatedBytes() / Megabyte));
        values.Add(("system/gc_pause_milliseconds", GC.GetTotalPauseDuration().TotalMilliseconds));
        for (var generation = 0; generation <= 2; generation++)
            values.Add((string.Create(CultureInfo.InvariantCulture, $"system/gc_gen{generation}_collections"), GC.CollectionCount(generation)));
        return values;
    }

    // Elsewhere what the garbage collector saw when it last ran, if it has.
    private static (double Used, double All)? ReadMemory()
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                var kilobytes = File.ReadLines("/proc/meminfo").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(fields => fields.Length == 3)
                    .ToDictionary(fields => fields[0], fields => double.Parse(fields[1], CultureInfo.InvariantCulture));
                if (kilobytes.TryGetValue("MemTotal:", out var all) && kilobytes.TryGetValue("MemAvailable:", out var free)) return (1024 * (all - free), 1024 * all);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            // Not every container shows it.
        }

        var memory = GC.GetGCMemoryInfo();
        return memory.MemoryLoadBytes > 0 ? (memory.MemoryLoadBytes, memory.TotalAvailableMemoryBytes) : null;
    }

    // The kernel's counts of time since the start: user, nice, system, idle, iowait, irq, softirq, steal.
    private static (double Busy, double All)? ReadMachine()
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            using var file = File.OpenText("/proc/stat");
            var counts = (file.ReadLine() ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
            return counts.Length < 8 ? null : (counts.Sum() - counts[3] - counts[4], counts.Sum());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }
}
