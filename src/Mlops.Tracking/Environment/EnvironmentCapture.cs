using System.Globalization;
using System.Reflection;
using System.Runtime;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Mlops.Tracking;

/// <summary>Looks up where this process runs. It never throws: what cannot be found is left out.</summary>
internal static class EnvironmentCapture
{
    private static readonly Lazy<Task<CapturedEnvironment>> s_current = new(() => Task.Run(() => CaptureAsync(null)));

    /// <summary>Gets the environment of this process, looked up once, in the background. Secrets are not masked yet.</summary>
    public static Task<CapturedEnvironment> Current => s_current.Value;

    /// <summary>Looks it up.</summary>
    /// <param name="folder">The folder of the code; the process's current one when <see langword="null"/>.</param>
    public static async Task<CapturedEnvironment> CaptureAsync(string? folder)
    {
        var git = await GitReader.ReadAsync(folder).ConfigureAwait(false);
        return new CapturedEnvironment
        {
            User = Environment.UserName,
            Machine = Environment.MachineName,
            Program = Assembly.GetEntryAssembly()?.GetName().Name ?? Path.GetFileNameWithoutExtension(Environment.ProcessPath) ?? "",
            Framework = RuntimeInformation.FrameworkDescription,
            RuntimeIdentifier = RuntimeInformation.RuntimeIdentifier,
            ServerGarbageCollection = GCSettings.IsServerGC,
            OperatingSystem = RuntimeInformation.OSDescription,
            Architecture = RuntimeInformation.ProcessArchitecture.ToString(),
            Cpu = ReadCpu(),
            Cores = Environment.ProcessorCount,
            MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            Culture = CultureInfo.CurrentCulture.Name,
            Git = git,
            Packages = ReadPackages(),
        };
    }

    private static string ReadCpu()
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                var line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
                return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? "";
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Not every container shows it.
        }

        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "";
    }

    // The packages that the program was built with are in its .deps.json; without one, as in a single file, the loaded assemblies have to do.
    private static List<PackageVersion> ReadPackages()
    {
        var packages = new SortedDictionary<string, string>(StringComparer.Ordinal);
        try
        {
            foreach (var file in (AppContext.GetData("APP_CONTEXT_DEPS_FILES") as string ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
            {
                using var json = JsonDocument.Parse(File.ReadAllBytes(file));
                if (!json.RootElement.TryGetProperty("libraries", out var libraries)) continue;
                foreach (var library in libraries.EnumerateObject())
                {
                    var slash = library.Name.IndexOf('/', StringComparison.Ordinal);
                    if (slash > 0) packages[library.Name[..slash]] = library.Name[(slash + 1)..];
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            packages.Clear();
        }

        if (packages.Count == 0)
        {
            foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
            {
                if (assembly.GetName() is { Name: { } name, Version: { } version }) packages[name] = version.ToString();
            }
        }

        return [.. packages.Select(pair => new PackageVersion(pair.Key, pair.Value))];
    }
}
