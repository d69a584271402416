namespace Mlops.Samples.Tests;

/// <summary>A new working directory for each example, because the README's examples name files as a reader would.</summary>
public sealed class WorkingDirectory : IDisposable
{
    private readonly string _before = Environment.CurrentDirectory;
    private readonly List<string> _entered = [];

    /// <summary>Gets the checkout that the tests were built from.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>Makes a new directory and goes there.</summary>
    public void Enter()
    {
        _entered.Add(Directory.CreateTempSubdirectory("mlops-readme-").FullName);
        Environment.CurrentDirectory = _entered[^1];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Environment.CurrentDirectory = _before;
        foreach (var directory in _entered) Directory.Delete(directory, recursive: true);
    }

    private static string FindRepository()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "Mlops.sln"))) directory = directory.Parent;
        return directory.FullName;
    }
}
