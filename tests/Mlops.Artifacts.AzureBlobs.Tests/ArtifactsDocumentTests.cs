namespace Mlops.Artifacts.AzureBlobs.Tests;

/// <summary>The example of docs/artifacts.md compiles and runs, word for word.</summary>
public sealed class ArtifactsDocumentTests(AzuriteServer azurite)
{
    [Fact]
    public async Task Example_OfTheDocument_Runs()
    {
        var connectionString = azurite.ConnectionString;
        var folder = Directory.CreateTempSubdirectory("mlops-artifacts-document-");
        var file = Path.Combine(folder.FullName, "model.onnx");
        await System.IO.File.WriteAllBytesAsync(file, NumberStream.Bytes(100_000), TestContext.Current.CancellationToken);
        var files = new Files(folder.FullName);
        try
        {
            await RunAsync(connectionString, files);
            Assert.Equal(NumberStream.Bytes(100_000), await System.IO.File.ReadAllBytesAsync(Path.Combine(folder.FullName, "copy.onnx"), TestContext.Current.CancellationToken));
        }
        finally
        {
            folder.Delete(recursive: true);
            if (Directory.Exists("downloaded")) Directory.Delete("downloaded", recursive: true);
        }
    }

    [Fact]
    public async Task Example_OfThePackage_Runs()
    {
        var folder = Directory.CreateTempSubdirectory("mlops-artifacts-page-");
        await System.IO.File.WriteAllBytesAsync(Path.Combine(folder.FullName, "model.onnx"), NumberStream.Bytes(1000), TestContext.Current.CancellationToken);
        try
        {
            Assert.Equal(1000, await RunPageAsync(azurite.ConnectionString, "models" + Ids.Create(TimeProvider.System), new Files(folder.FullName)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Example_OfTheDocument_IsTheTestedOne()
    {
        var document = Block(System.IO.File.ReadAllText(PathOf("docs", "artifacts.md")), "```csharp\n", "```");
        var tested = Block(System.IO.File.ReadAllText(PathOf("tests", "Mlops.Artifacts.AzureBlobs.Tests", "ArtifactsDocumentTests.cs")), "// document\n", "// end");
        Assert.Equal(string.Join('\n', tested.Split('\n').Select(line => line.Length > 8 ? line[8..] : line.Trim())).Trim(), document.Trim());

        static string Block(string text, string from, string to)
        {
            text = text.ReplaceLineEndings("\n");
            var start = text.IndexOf(from, StringComparison.Ordinal) + from.Length;
            return text[start..text.IndexOf(to, start, StringComparison.Ordinal)];
        }
    }

    private static async Task RunAsync(string connectionString, Files File)
    {
#pragma warning disable xUnit1051 // The example is that of the document, where nobody has a token of a test.
        // document
        IArtifactStore store = new AzureBlobArtifactStore(connectionString, "models");   // or new LocalArtifactStore("artifacts")

        Artifact written;
        await using (var model = File.OpenRead("model.onnx"))
            written = await store.WriteAsync("churn/1/model.onnx", model, WriteCondition.IfAbsent);

        await using (Stream content = await store.OpenReadAsync(written.Path))           // the last read throws if this is not what was written
            await using (var copy = File.Create("copy.onnx"))
                await content.CopyToAsync(copy);

        await using (Stream header = await store.OpenReadAsync(written.Path, offset: 0, length: 16)) { }

        await foreach (Artifact artifact in store.ListAsync("churn"))
            Console.WriteLine($"{artifact.Path} {artifact.Length} {artifact.Digest}");

        try
        {
            await store.WriteAsync(written.Path, new MemoryStream([1]), WriteCondition.IfMatches(new string('0', 64)));
        }
        catch (EntityConflictException)
        {
            // Somebody has written it since it was read: nothing was changed.
        }

        await store.DownloadDirectoryAsync("churn/1", "downloaded");
        await store.DeleteAsync(written.Path, WriteCondition.IfMatches(written.Digest));

        // end
#pragma warning restore xUnit1051
    }

    private static async Task<int> RunPageAsync(string connectionString, string container, Files File)
    {
#pragma warning disable xUnit1051 // As above.
        // package: Mlops.Artifacts.AzureBlobs
        var store = new AzureBlobArtifactStore(connectionString, container);

        await using (var content = File.OpenRead("model.onnx"))
            await store.WriteAsync("churn/1/model.onnx", content, WriteCondition.IfAbsent);

        await using var stored = await store.OpenReadAsync("churn/1/model.onnx");   // the last read throws if it is not what was written
        // end
        using var copy = new MemoryStream();
        await stored.CopyToAsync(copy);
#pragma warning restore xUnit1051
        return (int)copy.Length;
    }

    private static string PathOf(params string[] parts)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(folder!.FullName, "Mlops.sln"))) folder = folder.Parent;
        return Path.Combine([folder.FullName, .. parts]);
    }

    /// <summary>Stands for System.IO.File in the example, in the folder of the test.</summary>
    private sealed class Files(string folder)
    {
        public FileStream OpenRead(string name) => System.IO.File.OpenRead(Path.Combine(folder, name));

        public FileStream Create(string name) => System.IO.File.Create(Path.Combine(folder, name));
    }
}
