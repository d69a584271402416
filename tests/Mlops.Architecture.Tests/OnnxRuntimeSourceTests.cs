using System.Diagnostics;
using System.IO.Compression;

namespace Mlops.Architecture.Tests;

/// <summary>Restores a tiny project that wants ONNX Runtime from NuGet, with real feeds of its own.</summary>
public sealed class OnnxRuntimeSourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-feed-").FullName;

    private string Feed => Path.Combine(_folder, "feed");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Restore_FeedWithoutThePackage_SaysWhatAskedForItAndTheOtherWay()
    {
        var (exitCode, output) = await RestoreAsync("nuget");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("MLOPSORT07: OnnxRuntimeSource is 'nuget'", output, StringComparison.Ordinal);
        Assert.Contains("-p:OnnxRuntimeSource=nuget out", output, StringComparison.Ordinal);
        Assert.Contains("npm", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restore_FeedWithThePackage_Succeeds()
    {
        await using (var package = await ZipFile.OpenAsync(Path.Combine(Directory.CreateDirectory(Feed).FullName, "microsoft.ml.onnxruntime.1.30.0.nupkg"), ZipArchiveMode.Create, TestContext.Current.CancellationToken))
        await using (var writer = new StreamWriter(await package.CreateEntry("microsoft.ml.onnxruntime.nuspec").OpenAsync(TestContext.Current.CancellationToken)))
        {
            await writer.WriteAsync("""
                <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata>
                  <id>Microsoft.ML.OnnxRuntime</id><version>1.30.0</version><authors>a test</authors><description>Empty.</description>
                </metadata></package>
                """);
        }

        var (exitCode, output) = await RestoreAsync("nuget");
        Assert.True(exitCode == 0, output);
        Assert.True(Directory.Exists(Path.Combine(_folder, "packages", "microsoft.ml.onnxruntime", "1.30.0")), output);
    }

    [Fact]
    public async Task Restore_FromNpm_AsksNoFeed()
    {
        var (exitCode, output) = await RestoreAsync("npm");
        Assert.True(exitCode == 0, output);
    }

    private async Task<(int ExitCode, string Output)> RestoreAsync(string source)
    {
        Directory.CreateDirectory(Feed);
        await File.WriteAllTextAsync(Path.Combine(_folder, "NuGet.Config"), $"""<configuration><packageSources><clear /><add key="own" value="{Feed}" /></packageSources></configuration>""");
        File.Copy(Repository.PathOf("Directory.Packages.props"), Path.Combine(_folder, "Directory.Packages.props"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "tiny.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <Import Project="{Repository.PathOf("eng", "OnnxRuntime.targets")}" />
            </Project>
            """);
        var start = new ProcessStartInfo("dotnet", ["restore", "tiny.csproj", "--configfile", "NuGet.Config", $"-p:OnnxRuntimeSource={source}", "-nodeReuse:false"])
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NUGET_PACKAGES"] = Path.Combine(_folder, "packages");
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output + await errors);
    }
}
