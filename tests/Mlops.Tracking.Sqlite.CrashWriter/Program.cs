using System.Globalization;
using Mlops.Tracking;
using Mlops.Tracking.Sqlite;
using Mlops.Tracking.Sqlite.CrashWriter;

// Writes until it is killed, or registers versions, telling on its standard output what is durable.
var (task, database) = (args[0], args[1]);
if (task == "spool")
{
    await SpoolWork.LogAsync(database, args[2]);
    return;
}

await using var tracking = await SqliteTracking.OpenAsync(database);
switch (task)
{
    case "metrics":
        var run = await tracking.Tracker.StartRunAsync("crash");
        await Console.Out.WriteLineAsync(run.Id);
        for (var flush = 0L; ; flush++)
        {
            for (var i = 0; i < 1000; i++) run.LogMetric("m", i, (flush * 1000) + i);
            run.LogParam(string.Create(CultureInfo.InvariantCulture, $"p{flush}"), flush);
            await run.FlushAsync();
            await Console.Out.WriteLineAsync((flush + 1).ToString(CultureInfo.InvariantCulture));
        }

    case "artifacts":
        for (var write = 1L; ; write++)
        {
            // Each content is one letter over and over, as many times as makes any mixture visible.
            using var content = new MemoryStream();
            content.Write(Enumerable.Repeat((byte)('a' + (write % 26)), (int)(50_000 + (write % 26))).ToArray());
            content.Position = 0;
            await tracking.Artifacts.WriteAsync("m/model.bin", content);
            await Console.Out.WriteLineAsync(write.ToString(CultureInfo.InvariantCulture));
        }

    case "open":
        // Opening was the work; that it can be read from shows that it is whole.
        await Console.Out.WriteLineAsync((await tracking.Tracker.Experiments.SearchExperimentsAsync(new ExperimentQuery())).Items.Count.ToString(CultureInfo.InvariantCulture));
        break;

    case "versions":
        var count = int.Parse(args[2], CultureInfo.InvariantCulture);
        for (var i = 0; i < count; i++)
        {
            var version = await tracking.Registry.RegisterVersionAsync("m", new NewModelVersion("models/m", new string('a', 64)));
            await Console.Out.WriteLineAsync(version.Version.ToString(CultureInfo.InvariantCulture));
        }

        break;

    case "alias":
        await tracking.Registry.SetAliasAsync("m", "champion", int.Parse(args[2], CultureInfo.InvariantCulture));
        break;

    case "datasets":
        await DatasetWork.RegisterAsync(tracking, int.Parse(args[2], CultureInfo.InvariantCulture));
        break;

    case "collect":
        await DatasetWork.CollectAsync(tracking);
        break;

    default:
        throw new ArgumentException($"'{task}' is not a task.");
}
