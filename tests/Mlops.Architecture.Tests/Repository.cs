namespace Mlops.Architecture.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>What is packed; a generator is a part of the package that it lies in.</summary>
    public static IReadOnlyList<string> Packages { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Where(path => !File.ReadAllText(path).Contains("<IsPackable>false", StringComparison.Ordinal))
            .Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    /// <summary>Set to 1, the generated files are written instead of compared.</summary>
    public static bool UpdatesApprovedFiles => Environment.GetEnvironmentVariable("MLOPS_UPDATE_APPROVED") == "1";

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Compares a generated text with the file that is checked in, or writes it.</summary>
    public static void AssertApproved(string path, string generated)
    {
        if (UpdatesApprovedFiles) File.WriteAllText(path, generated);
        var approved = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        Assert.True(
            approved == generated,
            $"{Path.GetRelativePath(Root, path)} is not up to date. Run the tests once with MLOPS_UPDATE_APPROVED=1, review the difference and commit it. First difference: {FirstDifference(approved, generated)}");
    }

    private static string FirstDifference(string approved, string generated)
    {
        var (old, now) = (approved.Split('\n'), generated.Split('\n'));
        for (var i = 0; i < Math.Max(old.Length, now.Length); i++)
        {
            var (was, is_) = (i < old.Length ? old[i] : "(end)", i < now.Length ? now[i] : "(end)");
            if (was != is_) return $"line {i + 1}: '{was}' is now '{is_}'";
        }

        return "none";
    }

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Mlops.sln"))) return directory.FullName;
        }

        throw new InvalidOperationException("The tests run outside the repository; Mlops.sln is not above them.");
    }
}
