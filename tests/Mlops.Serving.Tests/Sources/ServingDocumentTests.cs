using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Artifacts;
using Mlops.Models;
using Mlops.Tracking;
using Day = Mlops.Serving.Tests.X;
using Rides = Mlops.Serving.Tests.Y;

namespace Mlops.Serving.Tests;

/// <summary>The example and the defaults of docs/serving.md.</summary>
public sealed class ServingDocumentTests : IDisposable
{
    private readonly ServingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Example_OfDocument_Runs()
    {
        var path = (await _fixture.SaveAsync("model", 3)).Path;
        var blobs = new Blobs(path);
        var services = new ServiceCollection();
        services.AddSingleton<IModelResolver>(_fixture.Resolver).AddSingleton<IArtifactStore>(_fixture.Artifacts).AddSingleton<IModelFlavor>(_fixture.Flavor);
        services.AddMlops().AddServing(s => s.ConfigureLoader(options => options.CacheDirectory = _fixture.Cache));
        // docs: serving.md
        services.AddMlops().AddServing(s => s
            .AddModel<Day, Rides>("ridership", "models:/factors@champion")
            .AddModel<Day, Rides>("from-a-directory", ModelSource.FromDirectory(path))
            .AddModel("from-an-archive", ModelSource.FromArchive("models.zip of the build", token => blobs.OpenAsync(token)))
            .AddModel("of-my-own", ModelSource.FromPredictor(_ => Task.FromResult<IPredictor>(new MyPredictor())))
            .AddModel("seldom-used", ModelSource.FromDirectory(path), model => model.Load = ModelLoading.OnFirstUse)
            .Configure(host => host.MemoryBudgetBytes = 2L << 30));
        // end
        await _fixture.PointToAsync(2);
        await using var provider = services.BuildServiceProvider();
        var host = provider.GetRequiredService<ModelHost>();
        await host.StartAsync(ServingFixture.Token);
        Assert.Equal(
            ["from-a-directory", "from-an-archive", "of-my-own", "ridership"],
            host.GetStatus().Where(status => status.Current is not null).Select(status => status.Name));
        Assert.Equal(new Rides(6, 3), await host.GetTyped<Day, Rides>("seldom-used").PredictAsync(new Day(2), cancellationToken: ServingFixture.Token));
        Assert.Equal(new Rides(4, 2), await provider.GetRequiredKeyedService<IPredictor<Day, Rides>>("ridership").PredictAsync(new Day(2), cancellationToken: ServingFixture.Token));
    }

    [Fact]
    public void Options_OfDocument_ExistWithTheirDefaults()
    {
        var document = ReadDocument();
        var (host, model, directory, archive) = (new ModelHostOptions(), new HostedModelOptions(), new DirectorySourceOptions(), new ArchiveSourceOptions());
        foreach (var (name, value, owner) in new[]
        {
            (nameof(host.AutoReload), Text(host.AutoReload), nameof(ModelHostOptions)),
            (nameof(host.PollInterval), Text(host.PollInterval), nameof(ModelHostOptions)),
            (nameof(host.ServeLastGood), Text(host.ServeLastGood), nameof(ModelHostOptions)),
            (nameof(host.MemoryBudgetBytes), host.MemoryBudgetBytes is null ? "none" : "", nameof(ModelHostOptions)),
            (nameof(host.MaxConcurrentLoads), host.MaxConcurrentLoads == Math.Max(2, Environment.ProcessorCount) ? "the number of processors, 2 at least" : "", nameof(ModelHostOptions)),
            (nameof(host.LoadTimeout), Text(host.LoadTimeout), nameof(ModelHostOptions)),
            (nameof(model.Load), model.Load.ToString(), nameof(HostedModelOptions)),
            (nameof(model.IsPinned), Text(model.IsPinned), nameof(HostedModelOptions)),
            (nameof(directory.PollInterval), Text(directory.PollInterval), nameof(DirectorySourceOptions)),
            (nameof(directory.UseFileEvents), Text(directory.UseFileEvents), nameof(DirectorySourceOptions)),
            (nameof(directory.AllowMissingManifest), Text(directory.AllowMissingManifest), nameof(DirectorySourceOptions)),
            (nameof(archive.MaxBytes), string.Create(CultureInfo.InvariantCulture, $"{archive.MaxBytes:#,0} bytes"), nameof(ArchiveSourceOptions)),
            (nameof(archive.MaxFiles), string.Create(CultureInfo.InvariantCulture, $"{archive.MaxFiles:#,0} files"), nameof(ArchiveSourceOptions)),
        })
        {
            Assert.Contains($"| `{name}` | {value} | `{owner}`", document, StringComparison.Ordinal);
        }

        Assert.Equal(archive.AllowMissingManifest, directory.AllowMissingManifest);
        Assert.Contains($"at most {FileWatchLimit.Most} watches", document, StringComparison.Ordinal);

        static string Text(object value) => value switch
        {
            bool flag => flag ? "true" : "false",
            TimeSpan time => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds} seconds"),
            _ => "",
        };
    }

    private static string ReadDocument()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Mlops.sln"))) folder = folder.Parent!;
        return File.ReadAllText(Path.Combine(folder.FullName, "docs", "serving.md"));
    }

    /// <summary>Gives the model directory as an archive.</summary>
    private sealed class Blobs(string path)
    {
        public async Task<Stream> OpenAsync(CancellationToken cancellationToken)
        {
            var content = new MemoryStream();
            await System.IO.Compression.ZipFile.CreateFromDirectoryAsync(path, content, cancellationToken);
            content.Position = 0;
            return content;
        }
    }

    private sealed class MyPredictor() : DelegatingPredictor(new FactorModel(1).CreatePredictor());
}
