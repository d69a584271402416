using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Mlops.Data;
using Mlops.Models;
using Mlops.Tests;

namespace Mlops.Serving.Tests.Observation;

public sealed class PayloadLogTests : IDisposable
{
    private readonly PayloadFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(PayloadFormat.JsonLines)]
    [InlineData(PayloadFormat.Csv)]
    public async Task OnPredicted_EveryTypeAndOddValues_AreReadBackByThePackagesReaders(PayloadFormat format)
    {
        string[] notes = ["plain", "", "two\nlines", "say \"no\", please", " Grüße, 東京 🚲 ", "NA", "=1+1", "\\u0041\t"];
        var at = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.FromHours(2));
        Guid id;
        await using (var log = _fixture.Create(_fixture.Options(format)))
        {
            using var inputs = PayloadFixture.Signature.RentInputs(notes.Length);
            using var outputs = PayloadFixture.Signature.RentOutputs(notes.Length);
            float[] ages = [1.5f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon, -0f, 0.1f];
            for (var row = 0; row < notes.Length; row++)
            {
                (inputs.Get<float>(0).GetRow(row)[0], inputs.Get<float>(0).GetRow(row)[1]) = (ages[row], row);
                inputs.Get<string>(1).Span[row] = notes[row];
                new[] { row == 1 ? double.NaN : Math.PI, row == 2 ? double.PositiveInfinity : 1e300, -1 }.CopyTo(inputs.Get<double>(2).GetRow(row));
                inputs.Get<long>(3).Span[row] = long.MinValue + row;
                inputs.Get<bool>(4).Span[row] = row == 3;
                inputs.Get<Half>(5).Span[row] = (Half)(row / 3.0);
                inputs.Get<ulong>(6).Span[row] = ulong.MaxValue - (ulong)row;
                outputs.Get<string>(0).Span[row] = notes[^(row + 1)];
                (outputs.Get<float>(1).GetRow(row)[0], outputs.Get<float>(1).GetRow(row)[1]) = (0.25f, 0.75f);
            }

            inputs.Get<int>(7).Span[0] = 42;
            var context = new PredictionContext { ModelName = "fraud", ModelVersion = "7", Route = "canary", EventTime = at };
            log.OnPredicted(inputs, outputs, context, TimeSpan.FromMilliseconds(2.5));
            id = context.Id;
        }

        Assert.NotEqual(Guid.Empty, id);
        var batch = await PayloadFixture.ReadAsync(
            Assert.Single(_fixture.Files()),
            new("id", ElementType.String), new("row", ElementType.Int32), new("time", ElementType.Timestamp), new("event_time", ElementType.Timestamp), new("model", ElementType.String),
            new("version", ElementType.String), new("route", ElementType.String), new("duration_seconds", ElementType.Float64), new("error", ElementType.String),
            new("inputs.age", ElementType.Float32), new("inputs.income", ElementType.Float32), new("inputs.note", ElementType.String), new("inputs.embedding", ElementType.Float64) { Width = 3 },
            new("inputs.count", ElementType.Int64), new("inputs.flag", ElementType.Boolean), new("inputs.half", ElementType.Float16), new("inputs.large", ElementType.UInt64), new("inputs.limit", ElementType.Int32),
            new("outputs.label", ElementType.String), new("outputs.probabilities", ElementType.Float32) { Width = 2 });
        Assert.Equal(notes.Length, batch.RowCount);
        string? Text(string column, int row) => ((TextColumn)batch[column]).GetString(row);
        for (var row = 0; row < notes.Length; row++)
        {
            Assert.Equal((id.ToString(), "fraud", "7", "canary", null), (Text("id", row), Text("model", row), Text("version", row), Text("route", row), Text("error", row)));
            Assert.Equal((row, 0.0025), (((Column<int>)batch["row"]).Values[row], ((Column<double>)batch["duration_seconds"]).Values[row]));
            Assert.Equal((_fixture.Time.GetUtcNow().UtcDateTime, at.UtcDateTime), (((Column<DateTime>)batch["time"]).Values[row], ((Column<DateTime>)batch["event_time"]).Values[row]));
            Assert.Equal(notes[row].Length == 0 ? null : notes[row], Text("inputs.note", row));
            Assert.Equal(notes[^(row + 1)].Length == 0 ? null : notes[^(row + 1)], Text("outputs.label", row));
            Assert.Equal(42, ((Column<int>)batch["inputs.limit"]).Values[row]);
        }

        var read = (Column<float>)batch["inputs.age"];
        Assert.True(read.IsNull(1));
        Assert.Equal([1.5f, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon, -0f, 0.1f], read.Values.ToArray().Where((_, row) => row != 1));
        Assert.Equal(Enumerable.Range(0, 8).Select(row => (float)row), ((Column<float>)batch["inputs.income"]).Values.ToArray());
        Assert.Equal([Math.PI, 1e300, -1, double.NaN, 1e300, -1, Math.PI, double.PositiveInfinity, -1], ((Column<double>)batch["inputs.embedding"]).Values[..9].ToArray());
        Assert.Equal(Enumerable.Range(0, 8).Select(row => long.MinValue + row), ((Column<long>)batch["inputs.count"]).Values.ToArray());
        Assert.Equal(Enumerable.Range(0, 8).Select(row => row == 3), ((Column<bool>)batch["inputs.flag"]).Values.ToArray());
        Assert.Equal(Enumerable.Range(0, 8).Select(row => (Half)(row / 3.0)), ((Column<Half>)batch["inputs.half"]).Values.ToArray());
        Assert.Equal(Enumerable.Range(0, 8).Select(row => ulong.MaxValue - (ulong)row), ((Column<ulong>)batch["inputs.large"]).Values.ToArray());
        Assert.Equal([0.25f, 0.75f], ((Column<float>)batch["outputs.probabilities"]).Values[..2].ToArray());
    }

    [Theory]
    [InlineData(PayloadFormat.JsonLines)]
    [InlineData(PayloadFormat.Csv)]
    public async Task OnFailed_BeforeAndAfterPredictions_IsALineWithoutItsMessage(PayloadFormat format)
    {
        await using (var log = _fixture.Create(_fixture.Options(format)))
        {
            var failed = new PredictionContext { ModelName = "fraud", ModelVersion = "3", Route = "primary" };
            PayloadFixture.Observe(log);
            log.OnFailed(failed, new PredictionFailedException("fraud", "the secret value 123"), TimeSpan.FromSeconds(2));
            Assert.NotEqual(Guid.Empty, failed.Id);
            log.OnFailed(new PredictionContext(), new InvalidOperationException(), TimeSpan.Zero);
            await log.FlushAsync(PayloadFixture.Token);
            Assert.Equal(3, log.Status.WrittenRows);
        }

        Assert.All(_fixture.Files(), file => Assert.DoesNotContain("secret", File.ReadAllText(file), StringComparison.Ordinal));
        var (fraud, unnamed) = (Assert.Single(_fixture.Files("payload-fraud-*")), Assert.Single(_fixture.Files("payload-model-*")));
        Assert.Equal([null, "Mlops.PredictionFailedException"], await PayloadFixture.ReadTextsAsync(fraud, "error"));
        Assert.Equal(["System.InvalidOperationException"], await PayloadFixture.ReadTextsAsync(unnamed, "error"));
        var batch = await PayloadFixture.ReadAsync(fraud, new("row", ElementType.Int32), new("inputs.age", ElementType.Float32));
        Assert.Equal((false, true), (batch["row"].IsNull(0), batch["row"].IsNull(1)));
        Assert.Equal((false, true), (batch["inputs.age"].IsNull(0), batch["inputs.age"].IsNull(1)));
    }

    [Theory]
    [InlineData(PayloadFormat.JsonLines)]
    [InlineData(PayloadFormat.Csv)]
    public async Task Files_LargerThanTheLimit_AreRolledBetweenCallsAndTheOldestDeleted(PayloadFormat format)
    {
        var options = _fixture.Options(format);
        (options.MaxFileBytes, options.MaxFiles) = (3000, 4);
        await using (var log = _fixture.Create(options))
        {
            for (var call = 0; call < 40; call++)
            {
                PayloadFixture.Observe(log, first: 10 * call, rows: 2);
                // Written one by one, as a queue that is emptied at once would be too, file by file; and told apart by their time.
                await log.FlushAsync(PayloadFixture.Token);
                _fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
            }
        }

        var files = _fixture.Files();
        Assert.Equal(4, files.Length);
        Assert.All(files, file => Assert.InRange(new FileInfo(file).Length, 400, 3000));
        var labels = new List<string?>();
        foreach (var file in files) labels.AddRange(await PayloadFixture.ReadTextsAsync(file, "outputs.label"));
        // The last rows, in order, without a hole.
        Assert.Equal(Enumerable.Range(0, 80).Select(row => $"row {(row / 2 * 10) + (row % 2)}").TakeLast(labels.Count), labels);
    }

    [Fact]
    public async Task Files_OlderThanTheInterval_AreEndedByTheTimerOrTheNextCall()
    {
        var options = _fixture.Options();
        options.RollInterval = TimeSpan.FromMinutes(10);
        await using var log = _fixture.Create(options);
        PayloadFixture.Observe(log);
        await log.FlushAsync(PayloadFixture.Token);
        Assert.Single(_fixture.Files("*.open"));

        // The log is as old as the file, which is not yet old enough at just this moment.
        _fixture.Time.Advance(TimeSpan.FromMinutes(11.25));
        await PayloadFixture.UntilAsync(() => _fixture.Files("*.jsonl").Length == 1);
        Assert.Empty(_fixture.Files("*.open"));
        PayloadFixture.Observe(log, 1);
        await log.DisposeAsync();
        Assert.Equal(2, _fixture.Files("*.jsonl").Length);
    }

    [Fact]
    public async Task Restart_FileThatWasNotEndedIsWhole_KeepsItsTime()
    {
        var path = Path.Combine(_fixture.Folder, "payload-m-1.jsonl.open");
        await File.WriteAllTextAsync(path, "{}\n", PayloadFixture.Token);
        var written = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(path, written);
        await using (_fixture.Create(_fixture.Options()))
        {
        }

        // By this time the oldest are found.
        Assert.Equal(written, File.GetLastWriteTimeUtc(Assert.Single(_fixture.Files("*.jsonl"))));
    }

    [Fact]
    public async Task Files_WithoutAnInterval_AreEndedByTheirSizeOnly()
    {
        var options = _fixture.Options();
        (options.RollInterval, options.MaxFileBytes) = (Timeout.InfiniteTimeSpan, 1000);
        await using var log = _fixture.Create(options);
        PayloadFixture.Observe(log);
        _fixture.Time.Advance(TimeSpan.FromDays(400));
        PayloadFixture.Observe(log, 1);
        await log.FlushAsync(PayloadFixture.Token);
        Assert.Single(_fixture.Files());
        for (var call = 2; call < 6; call++) PayloadFixture.Observe(log, call);
        await log.DisposeAsync();
        Assert.InRange(_fixture.Files("*.jsonl").Length, 2, 5);
    }

    /// <summary>A file is empty, and nobody's, for a moment after it was created.</summary>
    [Fact]
    public async Task Files_CreatedWhileAnotherLogMendsTheFolder_AreTheirs()
    {
        using var stop = new CancellationTokenSource();
        var folder = new PayloadFolder(_fixture.Folder, _fixture.Options(), _fixture.Time);
        var mending = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested) folder.Recover();
        }, PayloadFixture.Token);
        await using (var log = _fixture.Create(_fixture.Options()))
        {
            for (var call = 0; call < 300; call++)
            {
                PayloadFixture.Observe(log, call, model: $"model {call}");
                await log.FlushAsync(PayloadFixture.Token);
            }

            Assert.Equal(new PayloadLogStatus(300, 0, 0, null), log.Status);
        }

        await stop.CancelAsync();
        await mending;
    }

    [Fact]
    public async Task Compress_SeveralLogsAtTheSameFiles_NoneFailsAndEachFileKeepsItsTime()
    {
        var written = _fixture.Time.GetUtcNow().UtcDateTime.AddHours(-3);
        var options = _fixture.Options();
        (options.Compress, options.MaxFiles) = (true, 1000);
        for (var round = 0; round < 20; round++)
        {
            for (var file = 0; file < 20; file++)
            {
                var path = Path.Combine(_fixture.Folder, $"payload-m-{round}-{file}.jsonl");
                await File.WriteAllTextAsync(path, new string('x', 10_000), PayloadFixture.Token);
                File.SetLastWriteTimeUtc(path, written);
            }

            using var start = new Barrier(3);
            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            {
                var folder = new PayloadFolder(_fixture.Folder, options, _fixture.Time);
                start.SignalAndWait(PayloadFixture.Token);
                folder.Recover();
            }, PayloadFixture.Token)));
        }

        Assert.Equal(400, _fixture.Files("*.gz").Length);
        Assert.All(_fixture.Files(), file => Assert.Equal((".gz", written), (Path.GetExtension(file), File.GetLastWriteTimeUtc(file))));
    }

    /// <summary>Another log may be trying whether it can write: it must be able to lock the file that it has just created.</summary>
    [Theory]
    [InlineData("payload-1.tmp")]
    [InlineData("payload-m-1.jsonl.open")]
    [InlineData("payload-m-1.jsonl.gz.tmp")]
    public async Task Recover_EmptyFile_IsLeftForADay(string name)
    {
        var path = Path.Combine(_fixture.Folder, name);
        await File.WriteAllTextAsync(path, "", PayloadFixture.Token);
        var folder = new PayloadFolder(_fixture.Folder, _fixture.Options(), _fixture.Time);
        var now = _fixture.Time.GetUtcNow().UtcDateTime;
        File.SetLastWriteTimeUtc(path, now.AddHours(-23));
        folder.Recover();
        Assert.True(File.Exists(path));
        File.SetLastWriteTimeUtc(path, now.AddHours(-25));
        folder.Recover();
        Assert.False(File.Exists(path));
    }

    [Theory]
    [InlineData(PayloadFormat.JsonLines)]
    [InlineData(PayloadFormat.Csv)]
    public async Task Compress_EndedFiles_AreReadFromGzip(PayloadFormat format)
    {
        var options = _fixture.Options(format);
        (options.Compress, options.MaxFileBytes) = (true, 2000);
        await using (var log = _fixture.Create(options))
        {
            for (var call = 0; call < 20; call++) PayloadFixture.Observe(log, first: call);
        }

        var files = _fixture.Files();
        Assert.True(files.Length > 1);
        Assert.All(files, file => Assert.EndsWith(".gz", file, StringComparison.Ordinal));
        var labels = new List<string?>();
        foreach (var file in files) labels.AddRange(await PayloadFixture.ReadTextsAsync(file, "outputs.label"));
        Assert.Equal(Enumerable.Range(0, 20).Select(row => $"row {row}").Order(StringComparer.Ordinal), labels.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task MaxTotalBytes_OfEndedFiles_BoundsTheFolder()
    {
        var options = _fixture.Options();
        (options.MaxFileBytes, options.MaxTotalBytes) = (2000, 5000);
        await using (var log = _fixture.Create(options))
        {
            for (var call = 0; call < 60; call++) PayloadFixture.Observe(log, first: call);
        }

        Assert.InRange(_fixture.Files().Sum(file => new FileInfo(file).Length), 2000, 5000);
    }

    [Fact]
    public async Task OnPredicted_MoreThanTheQueueTakes_IsDroppedAndCountedAtOnce()
    {
        using var measured = new RecordedMeasurements();
        var options = _fixture.Options();
        options.QueueCapacityBytes = 2000;
        await using (var log = new PayloadLog(options, _fixture.Time, _fixture.Loggers, measured))
        {
            PayloadFixture.Observe(log, rows: 100);
            PayloadFixture.Observe(log, rows: 100);
            await log.FlushAsync(PayloadFixture.Token);
            PayloadFixture.Observe(log, rows: 3);
            await log.FlushAsync(PayloadFixture.Token);
            Assert.Equal(new PayloadLogStatus(3, 200, 0, null), log.Status);
            Assert.Equal("rows written: 3, dropped: 200; bytes waiting: 0", log.Status.ToString());
        }

        Assert.Equal(1, _fixture.Loggers.Count("PayloadQueueFull"));
        Assert.Equal(
            ["mlops.payload.dropped {row} error.type=queue_full mlops.model.name=fraud", "mlops.payload.dropped {row} error.type=queue_full mlops.model.name=fraud", "mlops.payload.written {row} mlops.model.name=fraud"],
            measured.Described);
        Assert.Equal([100, 100], measured.ValuesOf("mlops.payload.dropped"));
    }

    [Fact]
    public async Task OnPredicted_QueueIsFull_CostsNoRedaction()
    {
        // The writer hangs in what it logs: nothing can be written into a folder that is a file.
        var options = _fixture.Options();
        options.Directory = Path.Combine(_fixture.Folder, "file");
        await File.WriteAllTextAsync(options.Directory, "", PayloadFixture.Token);
        (options.Redaction.HashKey, options.Redaction.DefaultPolicy) = (new byte[32], SensitiveColumnPolicy.Hash);
        options.Redaction.Columns["note"] = SensitiveColumnPolicy.Hash;
        options.QueueCapacityBytes = 20_000;
        using var hangs = new ManualResetEventSlim();
        _fixture.Loggers.OnLogged = name =>
        {
            if (name == "PayloadWriteFailed") hangs.Wait(PayloadFixture.Token);
        };
        await using var log = _fixture.Create(options);
        using var inputs = PayloadFixture.Signature.RentInputs(10);
        using var outputs = PayloadFixture.Signature.RentOutputs(10);
        inputs.Get<string>(1).Span.Fill("a note");
        outputs.Get<string>(0).Span.Fill("a label");
        var context = new PredictionContext { ModelName = "fraud", Id = Guid.NewGuid() };
        while (log.Status.DroppedRows < 20) log.OnPredicted(inputs, outputs, context, TimeSpan.FromMilliseconds(1));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var call = 0; call < 100; call++) log.OnPredicted(inputs, outputs, context, TimeSpan.FromMilliseconds(1));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(1020, log.Status.DroppedRows);
        hangs.Set();
    }

    [Theory]
    [InlineData(PayloadFormat.JsonLines)]
    [InlineData(PayloadFormat.Csv)]
    public async Task Write_MoreModelsThanFilesAreOpen_EachHasOneFileAndLosesNothing(PayloadFormat format)
    {
        const int Models = 80, Rounds = 25;
        await using (var log = _fixture.Create(_fixture.Options(format)))
        {
            for (var round = 0; round < Rounds; round++)
            {
                for (var model = 0; model < Models; model++) PayloadFixture.Observe(log, first: round, model: $"model_{model}");
                await log.FlushAsync(PayloadFixture.Token);
            }

            Assert.Equal(Models, _fixture.Files("*.open").Length);
            Assert.Equal(Models * Rounds, log.Status.WrittenRows);
        }

        var files = _fixture.Files();
        Assert.Equal(Models, files.Length);
        foreach (var file in files) Assert.Equal(Enumerable.Range(0, Rounds).Select(row => $"row {row}"), await PayloadFixture.ReadTextsAsync(file, "outputs.label"));
    }

    /// <summary>What is not open at the moment looks to the next log of the folder like what a dead process left.</summary>
    [Fact]
    public async Task Write_AnotherLogTakesWhatIsNotOpen_GoesOnInFilesOfItsOwn()
    {
        const int Models = 80;
        await using (var log = _fixture.Create(_fixture.Options()))
        {
            for (var round = 0; round < 10; round++)
            {
                for (var model = 0; model < Models; model++) PayloadFixture.Observe(log, first: round, model: $"model_{model}");
                await log.FlushAsync(PayloadFixture.Token);
                if (round == 4) new PayloadFolder(_fixture.Folder, _fixture.Options(), _fixture.Time).Recover();
            }

            Assert.Equal(new PayloadLogStatus(10 * Models, 0, 0, null), log.Status);
        }

        var rows = new List<(string?, string?)>();
        foreach (var file in _fixture.Files("*.jsonl")) rows.AddRange((await PayloadFixture.ReadTextsAsync(file, "model")).Zip(await PayloadFixture.ReadTextsAsync(file, "outputs.label")));
        Assert.Empty(_fixture.Files("*.open"));
        Assert.Equal(10 * Models, rows.Distinct().Count());
        Assert.Equal(10 * Models, rows.Count);
    }

    [Fact]
    public async Task Finish_FileCannotBeCompressed_TheOldestGoAndItIsTriedAgainWithTheNext()
    {
        var options = _fixture.Options();
        (options.Compress, options.MaxFiles) = (true, 2);
        var folder = new PayloadFolder(_fixture.Folder, options, _fixture.Time);
        string[] paths = [.. Enumerable.Range(0, 4).Select(i => Path.Combine(_fixture.Folder, $"payload-m-{i}.jsonl"))];
        for (var i = 0; i < 3; i++)
        {
            await File.WriteAllTextAsync(paths[i] + ".open", "{}\n", PayloadFixture.Token);
            File.SetLastWriteTimeUtc(paths[i] + ".open", new DateTime(2026, 1, 1 + i, 0, 0, 0, DateTimeKind.Utc));
            Directory.CreateDirectory(paths[i] + ".gz");
            Assert.ThrowsAny<SystemException>(() => folder.Finish(paths[i] + ".open"));
        }

        Assert.Equal(paths[1..3], _fixture.Files("*.jsonl"));
        foreach (var path in paths[..3]) Directory.Delete(path + ".gz");
        await File.WriteAllTextAsync(paths[3] + ".open", "{}\n", PayloadFixture.Token);
        folder.Finish(paths[3] + ".open");
        Assert.Equal(paths[2..].Select(path => path + ".gz"), _fixture.Files());
    }

    [Fact]
    public async Task OnPredicted_LargerThanAnArray_IsDroppedAndGivesItsPlaceBack()
    {
        // 2.5 GB altogether, all tensors over the same 8 MB.
        var elements = new double[1 << 20];
        var signature = new ModelSignature([.. Enumerable.Range(0, 300).Select(slot => new TensorSpec($"x{slot}", ElementType.Float64, [-1, -1]))], [TensorSpec.Of<float>("y")]);
        var options = _fixture.Options();
        options.QueueCapacityBytes = 4L << 30;
        await using var log = _fixture.Create(options);
        using (var inputs = signature.RentInputs(1))
        using (var outputs = signature.RentOutputs(1))
        {
            for (var slot = 0; slot < inputs.Count; slot++) inputs.Get<double>(slot).Borrow(elements, 1, elements.Length);
            log.OnPredicted(inputs, outputs, new PredictionContext { ModelName = "large" }, TimeSpan.FromSeconds(1));
        }

        Assert.Equal(new PayloadLogStatus(0, 1, 0, null), log.Status);
        Assert.Equal(1, _fixture.Loggers.Count("PayloadEntryFailed"));
        PayloadFixture.Observe(log);
        await log.FlushAsync(PayloadFixture.Token);
        Assert.Equal(new PayloadLogStatus(1, 1, 0, null), log.Status);
    }

    [Fact]
    public async Task OnPredicted_ManyCallersAndASmallQueue_EveryRowIsWrittenOrCounted()
    {
        var options = _fixture.Options();
        (options.QueueCapacityBytes, options.MaxFileBytes) = (20_000, 100_000);
        PayloadLogStatus status;
        await using (var log = _fixture.Create(options))
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(() =>
            {
                for (var call = 0; call < 500; call++) PayloadFixture.Observe(log, (caller * 1000) + call, rows: 1 + (call % 3), model: $"model {caller % 3}");
            }, PayloadFixture.Token)));
            await log.FlushAsync(PayloadFixture.Token);
            status = log.Status;
        }

        Assert.Equal(8 * Enumerable.Range(0, 500).Sum(call => 1 + (call % 3)), status.WrittenRows + status.DroppedRows);
        Assert.Equal(0, status.WaitingBytes);
        var lines = 0;
        foreach (var line in _fixture.Files().SelectMany(File.ReadAllLines))
        {
            using var json = JsonDocument.Parse(line);
            // The label was made of the same number as the first feature: rows of calls are not mixed up.
            Assert.Equal($"row {json.RootElement.GetProperty("inputs").GetProperty("age").GetSingle()}", json.RootElement.GetProperty("outputs").GetProperty("label").GetString());
            lines++;
        }

        Assert.Equal(status.WrittenRows, lines);
    }

    [Fact]
    public async Task Create_FolderThatCannotBeMade_IsNoticedBeforeThereIsAPrediction()
    {
        var blocked = Path.Combine(_fixture.Folder, "payloads");
        await File.WriteAllTextAsync(blocked, "a file where the folder should be", PayloadFixture.Token);
        await using var log = _fixture.Create(new PayloadLogOptions { Directory = blocked });
        await log.FlushAsync(PayloadFixture.Token);
        Assert.Equal(0, log.Status.DroppedRows);
        Assert.Contains(blocked, log.Status.LastError, StringComparison.Ordinal);
        Assert.Contains(blocked, Assert.Single(_fixture.Loggers.Messages("PayloadWriteFailed")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_FolderThatCanBeMade_LeavesNothingInIt()
    {
        var options = new PayloadLogOptions { Directory = Path.Combine(_fixture.Folder, "new", "payloads") };
        await using (var log = _fixture.Create(options)) await log.FlushAsync(PayloadFixture.Token);
        Assert.Empty(Directory.GetFiles(options.Directory));
        Assert.Equal(0, _fixture.Loggers.Count("PayloadWriteFailed"));
    }

    [Fact]
    public async Task Folder_ThatCannotBeMade_DropsCountsAndIsTriedAgain()
    {
        var blocked = Path.Combine(_fixture.Folder, "payloads");
        await File.WriteAllTextAsync(blocked, "a file where the folder should be", PayloadFixture.Token);
        await using var log = _fixture.Create(new PayloadLogOptions { Directory = blocked, RetryDelay = TimeSpan.FromSeconds(5) });
        PayloadFixture.Observe(log, rows: 2);
        await log.FlushAsync(PayloadFixture.Token);
        PayloadFixture.Observe(log);
        await log.FlushAsync(PayloadFixture.Token);
        Assert.Equal((0, 3), (log.Status.WrittenRows, log.Status.DroppedRows));
        Assert.NotNull(log.Status.LastError);
        File.Delete(blocked);

        // Not before the delay has passed.
        PayloadFixture.Observe(log);
        await log.FlushAsync(PayloadFixture.Token);
        Assert.Equal(4, log.Status.DroppedRows);
        _fixture.Time.Advance(TimeSpan.FromSeconds(5));
        PayloadFixture.Observe(log);
        await log.FlushAsync(PayloadFixture.Token);
        Assert.Equal(new PayloadLogStatus(1, 4, 0, null), log.Status);
        Assert.Equal(1, _fixture.Loggers.Count("PayloadWriteFailed"));
        Assert.EndsWith(" again; rows dropped meanwhile: 4.", Assert.Single(_fixture.Loggers.Messages("PayloadWriteRecovered")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DisposeAsync_Twice_WritesEverythingAndDropsWhatComesLater()
    {
        var log = _fixture.Create(_fixture.Options());
        for (var call = 0; call < 100; call++) PayloadFixture.Observe(log, call);
        await log.DisposeAsync();
        await log.DisposeAsync();
        PayloadFixture.Observe(log);
        await log.FlushAsync(PayloadFixture.Token);
        Assert.Equal((100, 1), (log.Status.WrittenRows, log.Status.DroppedRows));
        Assert.Equal(100, (await File.ReadAllLinesAsync(Assert.Single(_fixture.Files("*.jsonl")), PayloadFixture.Token)).Length);
    }

    [Fact]
    public async Task Restart_SameMoment_BeginsAnotherFile()
    {
        for (var start = 0; start < 3; start++)
        {
            await using var log = _fixture.Create(_fixture.Options());
            PayloadFixture.Observe(log, start);
        }

        Assert.Equal(3, _fixture.Files("*.jsonl").Length);
    }

    [Theory]
    [InlineData(".jsonl", "{\"id\":1}\n{\"id\":2}\n", "{\"id\":3,\"inp")]
    [InlineData(".csv", "id,note\n1,\"a\nb\"\n", "2,\"half\nof a ro")]
    public async Task Restart_AfterAKill_CutsHalfALineAndEndsTheFile(string extension, string whole, string half)
    {
        await File.WriteAllTextAsync(Path.Combine(_fixture.Folder, $"payload-m-1{extension}.open"), whole + half, PayloadFixture.Token);
        await File.WriteAllTextAsync(Path.Combine(_fixture.Folder, $"payload-m-2{extension}.open"), half, PayloadFixture.Token);
        await using (_fixture.Create(_fixture.Options()))
        {
        }

        var file = Assert.Single(_fixture.Files());
        Assert.Equal($"payload-m-1{extension}", Path.GetFileName(file));
        Assert.Equal(whole, await File.ReadAllTextAsync(file, PayloadFixture.Token));
    }

    [Fact]
    public async Task Write_ListenerOfMeasurementsThrows_GoesOn()
    {
        using var measurements = new RecordedMeasurements { OnMeasured = () => throw new InvalidOperationException("a listener") };
        await using var log = new PayloadLog(_fixture.Options(), _fixture.Time, _fixture.Loggers, measurements);
        for (var call = 1; call <= 3; call++)
        {
            PayloadFixture.Observe(log, call);
            await log.FlushAsync(PayloadFixture.Token).WaitAsync(TimeSpan.FromMinutes(1), PayloadFixture.Token);
        }

        Assert.Equal((3, 0), (log.Status.WrittenRows, log.Status.DroppedRows));
        Assert.Equal([1.0, 1, 1], measurements.ValuesOf("mlops.payload.written"));
    }

    [Fact]
    public async Task Write_LoggerThrows_GoesOn()
    {
        var blocked = Path.Combine(_fixture.Folder, "file");
        await File.WriteAllTextAsync(blocked, "", PayloadFixture.Token);
        _fixture.Loggers.OnLogged = _ => throw new InvalidOperationException("a logger");
        await using var log = _fixture.Create(new PayloadLogOptions { Directory = blocked });
        for (var call = 1; call <= 3; call++)
        {
            PayloadFixture.Observe(log, call);
            await log.FlushAsync(PayloadFixture.Token).WaitAsync(TimeSpan.FromMinutes(1), PayloadFixture.Token);
        }

        Assert.Equal((0, 3), (log.Status.WrittenRows, log.Status.DroppedRows));
        Assert.Equal(1, _fixture.Loggers.Count("PayloadWriteFailed"));
    }

    [Fact]
    public async Task Restart_BesideALivingLog_LeavesItsFile()
    {
        await using var living = _fixture.Create(_fixture.Options());
        PayloadFixture.Observe(living, 1);
        await living.FlushAsync(PayloadFixture.Token);
        await using (_fixture.Create(_fixture.Options()))
        {
        }

        Assert.Single(_fixture.Files("*.open"));
        PayloadFixture.Observe(living, 2);
        await living.DisposeAsync();
        Assert.Equal(["row 1", "row 2"], await PayloadFixture.ReadTextsAsync(Assert.Single(_fixture.Files()), "outputs.label"));
    }

    [Fact]
    public async Task Restart_WhileCompressing_LeavesNoRowTwice()
    {
        var text = Encoding.UTF8.GetBytes("{\"id\":1}\n");
        var path = Path.Combine(_fixture.Folder, "payload-m-1.jsonl");
        await File.WriteAllBytesAsync(path, text, PayloadFixture.Token);
        await using (var gzip = new GZipStream(File.Create(path + ".gz"), CompressionLevel.Fastest)) await gzip.WriteAsync(text, PayloadFixture.Token);
        await File.WriteAllBytesAsync(Path.Combine(_fixture.Folder, "payload-m-2.jsonl"), text, PayloadFixture.Token);
        await File.WriteAllBytesAsync(Path.Combine(_fixture.Folder, "payload-m-2.jsonl.gz.tmp"), [1, 2, 3], PayloadFixture.Token);
        var options = _fixture.Options();
        options.Compress = true;
        await using (_fixture.Create(options))
        {
        }

        Assert.Equal(["payload-m-1.jsonl.gz", "payload-m-2.jsonl.gz"], _fixture.Files().Select(Path.GetFileName));
        foreach (var file in _fixture.Files()) Assert.Equal(["1"], await PayloadFixture.ReadTextsAsync(file, "id"));
    }

    /// <summary>So young and empty, it may be another log's, and is left.</summary>
    [Fact]
    public async Task Restart_KilledAsItBeganToCompress_CompressesAgain()
    {
        var path = Path.Combine(_fixture.Folder, "payload-m-1.jsonl");
        await File.WriteAllTextAsync(path, "{\"id\":1}\n", PayloadFixture.Token);
        await File.WriteAllTextAsync(path + ".gz.tmp", "", PayloadFixture.Token);
        var options = _fixture.Options();
        options.Compress = true;
        await using (_fixture.Create(options))
        {
        }

        Assert.False(File.Exists(path));
        Assert.Equal([path + ".gz"], _fixture.Files("*.gz"));
    }

    [Fact]
    public async Task Recover_OneFileCannotBeCompressed_CompressesTheOthers()
    {
        var options = _fixture.Options();
        options.Compress = true;
        string[] paths = [.. Enumerable.Range(0, 3).Select(i => Path.Combine(_fixture.Folder, $"payload-m-{i}.jsonl"))];
        foreach (var path in paths) await File.WriteAllTextAsync(path, "{}\n", PayloadFixture.Token);
        Directory.CreateDirectory(paths[0] + ".gz");
        var folder = new PayloadFolder(_fixture.Folder, options, _fixture.Time);
        Assert.ThrowsAny<SystemException>(folder.Recover);
        Assert.Equal([paths[0], paths[1] + ".gz", paths[2] + ".gz"], _fixture.Files());
    }

    [Fact]
    public async Task Files_OfOtherModels_AreApartWhateverTheirNames()
    {
        await using (var log = _fixture.Create(_fixture.Options()))
        {
            foreach (var model in new[] { "a b", "a?b", "../../up", new string('x', 256), "Straße", "a_b" }) PayloadFixture.Observe(log, model: model);
        }

        Assert.Equal(6, _fixture.Files("*.jsonl").Length);
        foreach (var file in _fixture.Files()) Assert.Single(await PayloadFixture.ReadTextsAsync(file, "model"));
    }

    [Fact]
    public async Task Csv_AnotherLayoutOfTheSameModel_IsAnotherFile()
    {
        await using (var log = _fixture.Create(_fixture.Options(PayloadFormat.Csv)))
        {
            PayloadFixture.Observe(log);
            var narrow = new ModelSignature([TensorSpec.Of<float>("x")], [TensorSpec.Of<float>("y")]);
            using var inputs = narrow.RentInputs(1);
            using var outputs = narrow.RentOutputs(1);
            (inputs.Get<float>(0).Span[0], outputs.Get<float>(0).Span[0]) = (1, 2);
            log.OnPredicted(inputs, outputs, new PredictionContext { ModelName = "fraud" }, TimeSpan.Zero);
            PayloadFixture.Observe(log);
        }

        var files = _fixture.Files("payload-fraud-*.csv");
        Assert.Equal([1, 2], files.Select(file => File.ReadLines(file).Count() - 1).Order());
    }

    [Fact]
    public async Task OnPredicted_NoRows_WritesNothing()
    {
        await using var log = _fixture.Create(_fixture.Options());
        PayloadFixture.Observe(log, rows: 0);
        await log.FlushAsync(PayloadFixture.Token);
        Assert.Equal(new PayloadLogStatus(0, 0, 0, null), log.Status);
        Assert.Empty(_fixture.Files());
    }

    [Fact]
    public void Options_OutOfRange_AreRefused()
    {
        foreach (var change in new Action<PayloadLogOptions>[]
        {
            options => options.Directory = " ", options => options.Format = (PayloadFormat)7, options => options.MaxFileBytes = 0, options => options.RollInterval = TimeSpan.Zero,
            options => options.MaxFiles = 0, options => options.MaxTotalBytes = -1, options => options.MaxTotalBytes = 10 << 20, options => options.QueueCapacityBytes = 0, options => options.RetryDelay = TimeSpan.Zero,
            options => options.Sampling.Ratio = double.NaN, options => options.Sampling.Ratio = 1.1, options => options.Redaction.Columns["a"] = SensitiveColumnPolicy.Hash,
            options => options.Redaction.DefaultPolicy = (SensitiveColumnPolicy)9, options => (options.Redaction.DefaultPolicy, options.Redaction.HashKey) = (SensitiveColumnPolicy.Hash, new byte[15]),
        })
        {
            var options = new PayloadLogOptions();
            change(options);
            Assert.ThrowsAny<ArgumentException>(() => new PayloadLog(options));
        }
    }
}
