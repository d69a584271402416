using System.Security.Cryptography;
using System.Text;
using Mlops.Data;
using Mlops.Models;
using Mlops.Profiles;
using Mlops.Testing;

namespace Mlops.Core.Tests.Models;

public sealed class ModelDirectoryTests : IDisposable
{
    private static readonly ModelSignature s_signature = new(
        [TensorSpec.Of<float>("features", 2, "age", "no"), TensorSpec.Of<string>("city")],
        [TensorSpec.Of<double>("score")]);

    private static readonly ModelOpenOptions s_foreign = new() { AllowMissingManifest = true };

    private readonly string _root = Directory.CreateTempSubdirectory("mlops-models-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Target => Path.Combine(_root, "model");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task OpenAsync_Saved_HasWhatWasSaved()
    {
        var profile = new DatasetProfile(42);
        var options = new ModelSaveOptions { RunId = "0123456789abcdef0123456789abcdef", Profile = profile, TimeProvider = new ManualTimeProvider() };
        var saved = await ModelDirectory.SaveAsync(Target, CreateModel(), options, Token);
        var opened = await ModelDirectory.OpenAsync(Target, Token);

        Assert.Equal(s_signature, opened.Signature);
        Assert.Equal(options.RunId, opened.RunId);
        Assert.Equal(["onnx", "python_function"], opened.Flavors.Select(flavor => flavor.Key));
        Assert.Equal("data/model.bin", opened.FindFlavor("onnx")!["data"]);
        Assert.Null(opened.FindFlavor("sklearn"));
        Assert.Equal("weights", Encoding.UTF8.GetString(await opened.ReadFileAsync("data/model.bin", Token)));
        Assert.Equal(42, (await opened.ReadProfileAsync(Token))!.RowCount);
        Assert.Null(await opened.ReadGoldenRowsAsync(Token));
        Assert.Equal(saved.Digest, opened.Digest);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Target, "manifest.json"), Token))), opened.Digest);
    }

    [Fact]
    public async Task SaveAsync_SameModelAndClock_DiffersOnlyByIdentifier()
    {
        var clock = new ManualTimeProvider();
        await ModelDirectory.SaveAsync(Target, CreateModel(), new ModelSaveOptions { TimeProvider = clock }, Token);
        await ModelDirectory.SaveAsync(Target + "2", CreateModel(), new ModelSaveOptions { TimeProvider = clock }, Token);
        var lines = await File.ReadAllLinesAsync(Path.Combine(Target, "MLmodel"), Token);
        var others = await File.ReadAllLinesAsync(Path.Combine(Target + "2", "MLmodel"), Token);
        Assert.Equal(["model_uuid"], lines.Except(others).Select(line => line.Split(':')[0]));
    }

    [Fact]
    public async Task SaveAsync_PathEndsWithSeparator_Saves()
    {
        var saved = await ModelDirectory.SaveAsync(Target + Path.DirectorySeparatorChar, CreateModel(), null, Token);
        Assert.Equal(Target, saved.Path);
        Assert.Equal(saved.Digest, (await ModelDirectory.OpenAsync(Target + Path.DirectorySeparatorChar, Token)).Digest);
    }

    [Fact]
    public async Task SaveAsync_DirectoryNotEmpty_Throws()
    {
        await ModelDirectory.SaveAsync(Target, CreateModel(), null, Token);
        await Assert.ThrowsAsync<EntityConflictException>(() => ModelDirectory.SaveAsync(Target, CreateModel(), null, Token));
    }

    [Theory]
    [InlineData("../escaped")]
    [InlineData("data/../../escaped")]
    [InlineData("/tmp/escaped")]
    [InlineData(".")]
    [InlineData("../model-2/escaped")]
    public async Task SaveAsync_FileLeadsOut_Throws(string path)
    {
        var model = new FileModel(s_signature, new Dictionary<string, string> { [path] = "x" });
        await Assert.ThrowsAsync<ArgumentException>(() => ModelDirectory.SaveAsync(Target, model, null, Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_root));
    }

    [Fact]
    public async Task SaveAsync_InTheMiddle_NothingCanBeOpened()
    {
        Directory.CreateDirectory(Target);
        var seen = 0;
        var model = new CallbackModel(s_signature, async writer =>
        {
            await writer.WriteFileAsync("data/model.bin", "weights"u8.ToArray(), Token);
            writer.AddFlavor("onnx", new Dictionary<string, object?>());
            Assert.Empty(Directory.EnumerateFileSystemEntries(Target));
            foreach (var directory in Directory.EnumerateDirectories(_root))
            {
                await Assert.ThrowsAsync<ModelLoadException>(() => ModelDirectory.OpenAsync(directory, Token));
                seen++;
            }
        });

        var saved = await ModelDirectory.SaveAsync(Target, model, null, Token);

        Assert.Equal(2, seen);
        Assert.Equal(saved.Digest, (await ModelDirectory.OpenAsync(Target, Token)).Digest);
        Assert.Equal(["model"], Directory.EnumerateFileSystemEntries(_root).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SaveAsync_ModelFailsHalfway_LeavesNothing(bool isCancelled)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var model = new CallbackModel(s_signature, async writer =>
        {
            await writer.WriteFileAsync("data/model.bin", "weights"u8.ToArray(), Token);
            if (!isCancelled) throw new InvalidDataException("no");
            await cancellation.CancelAsync();
        });

        var error = await Record.ExceptionAsync(() => ModelDirectory.SaveAsync(Target, model, null, cancellation.Token));

        if (isCancelled) Assert.IsAssignableFrom<OperationCanceledException>(error);
        else Assert.IsType<InvalidDataException>(error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_root));
        await ModelDirectory.SaveAsync(Target, CreateModel(), null, Token);
    }

    [Fact]
    public async Task SaveAsync_AnotherSavedMeanwhile_ThrowsAndKeepsTheOther()
    {
        ModelDirectory? other = null;
        var model = new CallbackModel(s_signature, async writer =>
        {
            writer.AddFlavor("onnx", new Dictionary<string, object?>());
            other = await ModelDirectory.SaveAsync(Target, CreateModel(), null, Token);
        });

        await Assert.ThrowsAsync<EntityConflictException>(() => ModelDirectory.SaveAsync(Target, model, null, Token));

        Assert.Equal(other!.Digest, (await ModelDirectory.OpenAsync(Target, Token)).Digest);
        Assert.Equal(["model"], Directory.EnumerateFileSystemEntries(_root).Select(Path.GetFileName));
    }

    [Fact]
    public async Task SaveAsync_PathIsAFile_Throws()
    {
        await File.WriteAllTextAsync(Target, "", Token);
        await Assert.ThrowsAsync<EntityConflictException>(() => ModelDirectory.SaveAsync(Target, CreateModel(), null, Token));
        Assert.Equal(["model"], Directory.EnumerateFileSystemEntries(_root).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("changed", "'data/model.bin'")]
    [InlineData("grown", "'data/model.bin'")]
    [InlineData("removed", "'data/model.bin'")]
    [InlineData("added", "'data/more.bin'")]
    [InlineData("document changed", "'MLmodel'")]
    [InlineData("document removed", "'MLmodel'")]
    public async Task OpenAsync_TamperedWith_ThrowsNamingTheFile(string tampering, string expected)
    {
        await ModelDirectory.SaveAsync(Target, CreateModel(), null, Token);
        var file = Path.Combine(Target, "data", "model.bin");
        switch (tampering)
        {
            case "changed": await File.WriteAllTextAsync(file, "Weights", Token); break;
            case "grown": await File.AppendAllTextAsync(file, " ", Token); break;
            case "removed": File.Delete(file); break;
            case "added": await File.WriteAllTextAsync(Path.Combine(Target, "data", "more.bin"), "", Token); break;
            case "document changed": await File.AppendAllTextAsync(Path.Combine(Target, "MLmodel"), "\n", Token); break;
            default: File.Delete(Path.Combine(Target, "MLmodel")); break;
        }

        var error = await Assert.ThrowsAsync<ModelLoadException>(() => ModelDirectory.OpenAsync(Target, Token));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"files\":null}")]
    [InlineData("{\"files\":[null]}")]
    [InlineData("{\"files\":[{}]}")]
    [InlineData("{\"files\":[{\"path\":null,\"sha256\":\"0\",\"length\":1}]}")]
    [InlineData("{\"files\":[{\"path\":\"a\",\"sha256\":\"0\",\"length\":1},{\"path\":\"a\",\"sha256\":\"0\",\"length\":1}]}")]
    [InlineData("{\"files\":[{\"path\":\"\\uD800\",\"sha256\":\"0\",\"length\":1}]}")]
    [InlineData("{\"files\":[{\"path\":\"a\",\"sha256\":0,\"length\":1}]}")]
    [InlineData("{\"files\":[{\"path\":\"a\",\"sha256\":\"0\",\"length\":1.5}]}")]
    [InlineData("{\"files\":[{\"path\":\"a\",\"sha256\":\"0\",\"length\":1}]")]
    public async Task OpenAsync_ManifestDamaged_ThrowsModelLoadException(string manifest)
    {
        await ModelDirectory.SaveAsync(Target, CreateModel(), null, Token);
        await File.WriteAllTextAsync(Path.Combine(Target, "manifest.json"), manifest, Token);
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => ModelDirectory.OpenAsync(Target, Token));
        Assert.Contains("manifest.json cannot be read", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("just text")]
    [InlineData("- a\n- b")]
    [InlineData("flavors: []")]
    [InlineData("run_id: 1")]
    [InlineData("flavors: {onnx: {}}\nflavors: {onnx: {}}")]
    [InlineData("flavors: {a: \"unclosed}")]
    [InlineData("flavors: {onnx: {}}\nsignature: {inputs: 'no json', outputs: '[]'}")]
    [InlineData("flavors: {onnx: {}}\nsignature: {inputs: '{}', outputs: '[]'}")]
    [InlineData("flavors: {onnx: {}}\nsignature: {inputs: '[1]', outputs: '[]'}")]
    [InlineData("flavors: {onnx: {}}\nsignature: {inputs: '[{\"tensor-spec\":{\"dtype\":\"float32\",\"shape\":[\"a\"]}}]', outputs: '[]'}")]
    [InlineData("flavors: {onnx: {}}\nsignature: {inputs: '[{\"tensor-spec\":{\"dtype\":\"float32\",\"shape\":[null]}}]', outputs: '[]'}")]
    [InlineData("flavors: {onnx: {}}\nsignature: {inputs: '[{\"tensor-spec\":{\"dtype\":\"complex64\",\"shape\":[-1]}}]', outputs: '[]'}")]
    [InlineData("flavors: {onnx: {}}\nsignature: {inputs: '[{\"tensor-spec\":{\"dtype\":\"5\",\"shape\":[-1]}}]', outputs: '[]'}")]
    [InlineData("flavors: {onnx: {}}\nsignature: {inputs: '[{\"name\":\"a\",\"tensor-spec\":{\"dtype\":\"int8\",\"shape\":[]}},{\"name\":\"a\",\"tensor-spec\":{\"dtype\":\"int8\",\"shape\":[]}}]', outputs: '[]'}")]
    [InlineData("flavors: {onnx: {}}\nsignature: {inputs: '[{\"name\":\"a\",\"tensor-spec\":{\"dtype\":\"int8\",\"shape\":[-7]}}]', outputs: '[]'}")]
    public async Task OpenAsync_DocumentDamaged_ThrowsModelLoadException(string yaml)
    {
        Directory.CreateDirectory(Target);
        await File.WriteAllTextAsync(Path.Combine(Target, "MLmodel"), yaml, Token);
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => ModelDirectory.OpenAsync(Target, s_foreign, Token));
        Assert.Contains("MLmodel", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_DocumentIsNoYaml_NamesTheLine()
    {
        Directory.CreateDirectory(Target);
        await File.WriteAllTextAsync(Path.Combine(Target, "MLmodel"), "run_id: 1\nflavors: [\n", Token);
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => ModelDirectory.OpenAsync(Target, s_foreign, Token));
        Assert.Contains("MLmodel, line 3, cannot be read: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_DocumentDamagedAfterwards_TellsThatItIsNotWhatWasSaved()
    {
        await ModelDirectory.SaveAsync(Target, CreateModel(), null, Token);
        await File.WriteAllTextAsync(Path.Combine(Target, "MLmodel"), "just text", Token);

        // Verified and read at the same time: whichever fails first.
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var error = await Assert.ThrowsAsync<ModelLoadException>(() => ModelDirectory.OpenAsync(Target, Token));
            Assert.Contains("is not what was saved: 'MLmodel'", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task OpenAsync_NoModel_Throws()
        => Assert.Contains("MLmodel", (await Assert.ThrowsAsync<ModelLoadException>(() => ModelDirectory.OpenAsync(_root, Token))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task OpenAsync_WithoutManifest_ThrowsUnlessAllowed()
    {
        await ModelDirectory.SaveAsync(Target, CreateModel(), null, Token);
        File.Delete(Path.Combine(Target, "manifest.json"));

        foreach (var options in new[] { null, new ModelOpenOptions() })
        {
            var error = await Assert.ThrowsAsync<ModelLoadException>(() => options is null ? ModelDirectory.OpenAsync(Target, Token) : ModelDirectory.OpenAsync(Target, options, Token));
            Assert.Contains("manifest.json", error.Message, StringComparison.Ordinal);
            Assert.Contains(nameof(ModelOpenOptions.AllowMissingManifest), error.Message, StringComparison.Ordinal);
        }

        Assert.Equal("", (await ModelDirectory.OpenAsync(Target, s_foreign, Token)).Digest);
    }

    [Fact]
    public async Task WriteManifestAsync_NoneThere_IsTheOneThatWasMissing()
    {
        var saved = await ModelDirectory.SaveAsync(Target, CreateModel(), null, Token);
        File.Delete(Path.Combine(Target, "manifest.json"));
        await ModelDirectory.WriteManifestAsync(Target, Token);
        Assert.Equal(saved.Digest, (await ModelDirectory.OpenAsync(Target, Token)).Digest);
    }

    [Fact]
    public async Task WriteManifestAsync_ThereAlready_LeavesItThoughItDoesNotAgree()
    {
        await ModelDirectory.SaveAsync(Target, CreateModel(), null, Token);
        await File.WriteAllTextAsync(Path.Combine(Target, "data", "model.bin"), "Weights", Token);
        await ModelDirectory.WriteManifestAsync(Target, Token);
        await Assert.ThrowsAsync<ModelLoadException>(() => ModelDirectory.OpenAsync(Target, Token));
    }

    [Fact]
    public async Task WriteManifestAsync_NoModelOrCancelled_LeavesNone()
    {
        await Assert.ThrowsAsync<ModelLoadException>(() => ModelDirectory.WriteManifestAsync(Target, Token));
        await ModelDirectory.SaveAsync(Target, CreateModel(), null, Token);
        File.Delete(Path.Combine(Target, "manifest.json"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ModelDirectory.WriteManifestAsync(Target, new CancellationToken(canceled: true)));
        Assert.False(File.Exists(Path.Combine(Target, "manifest.json")));
    }

    [Fact]
    public async Task OpenAsync_MissingManifestAllowedButItIsThere_IsVerified()
    {
        var saved = await ModelDirectory.SaveAsync(Target, CreateModel(), null, Token);
        Assert.Equal(saved.Digest, (await ModelDirectory.OpenAsync(Target, s_foreign, Token)).Digest);
        await File.WriteAllTextAsync(Path.Combine(Target, "data", "model.bin"), "Weights", Token);
        await Assert.ThrowsAsync<ModelLoadException>(() => ModelDirectory.OpenAsync(Target, s_foreign, Token));
    }

    [Fact]
    public async Task ReadFileAsync_AbsentOrOutside_Throws()
    {
        var directory = await ModelDirectory.SaveAsync(Target, CreateModel(), null, Token);
        await Assert.ThrowsAsync<ModelLoadException>(() => directory.ReadFileAsync("absent", Token));
        await File.WriteAllTextAsync(Path.Combine(_root, "outside"), "secret", Token);
        await Assert.ThrowsAsync<ArgumentException>(() => directory.ReadFileAsync("../outside", Token));
    }

    [Fact]
    public async Task ReadProfileAsync_Damaged_ThrowsModelLoadException()
    {
        var files = new Dictionary<string, string> { [ModelFiles.Profile] = "{", [ModelFiles.GoldenRows] = "{\"rows\":1}" };
        var directory = await ModelDirectory.SaveAsync(Target, new FileModel(s_signature, files), null, Token);
        await Assert.ThrowsAsync<ModelLoadException>(() => directory.ReadProfileAsync(Token));
        await Assert.ThrowsAsync<ModelLoadException>(() => directory.ReadGoldenRowsAsync(Token));
    }

    [Fact]
    public async Task OpenAsync_WrittenByMlflow_IsUnderstood()
    {
        // The layout that mlflow.onnx.save_model writes.
        const string Yaml = """
            artifact_path: model
            flavors:
              onnx:
                code: null
                data: model.onnx
                onnx_session_options: null
                onnx_version: 1.17.0
                providers:
                - CUDAExecutionProvider
                - CPUExecutionProvider
              python_function:
                data: model.onnx
                env:
                  conda: conda.yaml
                  virtualenv: python_env.yaml
                loader_module: mlflow.onnx
                python_version: 3.11.9
            is_signature_from_type_hint: false
            mlflow_version: 2.20.1
            model_size_bytes: 1234
            model_uuid: 5f2a4d0e8c1b4e5f9a7d6c3b2a190807
            prompts: null
            run_id: 3c1f0e9d8b7a46f5a4e3d2c1b0a99887
            signature:
              inputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}}]'
              outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}, "name": "label"}]'
              params: null
            type_hint_from_example: false
            utc_time_created: '2025-02-03 10:11:12.131415'
            """;
        Directory.CreateDirectory(Target);
        await File.WriteAllTextAsync(Path.Combine(Target, "MLmodel"), Yaml, Token);
        var directory = await ModelDirectory.OpenAsync(Target, s_foreign, Token);
        var onnx = directory.FindFlavor("onnx")!;
        Assert.Null(onnx["code"]);
        Assert.Equal("1.17.0", onnx["onnx_version"]);
        Assert.Equal(["CUDAExecutionProvider", "CPUExecutionProvider"], Assert.IsType<object?[]>(onnx["providers"]));
        Assert.Equal(new ModelSignature([new TensorSpec("inputs_0", ElementType.Float32, [-1, 4])], [new TensorSpec("label", ElementType.Int64, [-1])]), directory.Signature);
        Assert.Equal("3c1f0e9d8b7a46f5a4e3d2c1b0a99887", directory.RunId);
    }

    [Fact]
    public async Task OpenAsync_SignatureOfColumns_HasNoTensors()
    {
        const string Yaml = """
            flavors: {python_function: {loader_module: mlflow.sklearn}}
            run_id: null
            signature: {inputs: '[{"type": "double", "name": "age", "required": true}]', outputs: null, params: null}
            """;
        Directory.CreateDirectory(Target);
        await File.WriteAllTextAsync(Path.Combine(Target, "MLmodel"), Yaml, Token);
        var directory = await ModelDirectory.OpenAsync(Target, s_foreign, Token);
        Assert.Null(directory.Signature);
        Assert.Null(directory.RunId);
    }

    private static FileModel CreateModel() => new(
        s_signature,
        new Dictionary<string, string> { ["data/model.bin"] = "weights", ["note.txt"] = "" },
        ("onnx", new Dictionary<string, object?> { ["data"] = "data/model.bin" }),
        ("python_function", new Dictionary<string, object?>()));
}
