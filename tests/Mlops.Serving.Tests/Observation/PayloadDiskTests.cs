using Mlops.Data;

namespace Mlops.Serving.Tests.Observation;

/// <summary>Logs on a disk that is full, and has room again.</summary>
public sealed class PayloadDiskTests : IDisposable
{
    private readonly PayloadFixture _fixture = new();

    private static CancellationToken Token => PayloadFixture.Token;

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(PayloadFormat.JsonLines)]
    [InlineData(PayloadFormat.Csv)]
    public async Task Write_DiskFullInTheMiddleOfAFile_LosesNoRowThatWasWrittenAndGoesOnInTheNextFile(PayloadFormat format)
    {
        using var disk = new SmallDisk(kilobytes: 512);
        var ballast = Path.Combine(disk.Path, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[400 * 1024], Token);
        var folder = Path.Combine(disk.Path, "payloads");
        var (rows, written, lost, firstAgain) = (0, 0, 0L, 0);
        PayloadLogStatus status;
        await using (var log = _fixture.Create(new PayloadLogOptions { Directory = folder, Format = format, RetryDelay = TimeSpan.FromSeconds(5) }))
        {
            while (log.Status.DroppedRows == 0) await ObserveAsync(log, 37);

            // All that waited for the write that failed, and nothing before it: as many as the writer took at once.
            (written, lost) = ((int)log.Status.WrittenRows, log.Status.DroppedRows);
            Assert.Equal(rows, written + lost);
            Assert.InRange(lost, 1, 37);
            Assert.Contains("space", log.Status.LastError, StringComparison.OrdinalIgnoreCase);
            await ObserveAsync(log, 10);
            Assert.Equal((written, lost + 10), (log.Status.WrittenRows, log.Status.DroppedRows));
            File.Delete(ballast);
            _fixture.Time.Advance(TimeSpan.FromSeconds(5));
            firstAgain = rows;
            await ObserveAsync(log, 100);
            status = log.Status;
        }

        Assert.Equal(new PayloadLogStatus(written + 100, lost + 10, 0, null), status);
        Assert.Equal((1, 1), (_fixture.Loggers.Count("PayloadWriteFailed"), _fixture.Loggers.Count("PayloadWriteRecovered")));
        var files = Directory.GetFiles(folder);
        Assert.Equal(2, files.Length);
        Assert.All(files, file => Assert.DoesNotContain(".open", file, StringComparison.Ordinal));
        var read = new List<double>();
        foreach (var file in files.Order(StringComparer.Ordinal)) read.AddRange(await PayloadFixture.ReadRowsAsync(file, new ColumnSchema("inputs.age", ElementType.Float64)));
        Assert.Equal([.. Enumerable.Range(0, written).Select(row => (double)row), .. Enumerable.Range(firstAgain, 100).Select(row => (double)row)], read);

        async Task ObserveAsync(PayloadLog log, int count)
        {
            for (var i = 0; i < count; i++) PayloadFixture.Observe(log, rows++);
            await log.FlushAsync(Token);
        }
    }

    [Fact]
    public async Task Compress_NoRoomForTheCompressedFile_LeavesTheFileAndNothingElse()
    {
        const int Rows = 90;
        using var disk = new SmallDisk(kilobytes: 1024);
        var ballast = Path.Combine(disk.Path, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[500 * 1024], Token);
        var options = new PayloadLogOptions { Directory = Path.Combine(disk.Path, "payloads"), Compress = true };
        var random = new Random(5);
        await using (var log = _fixture.Create(options))
        {
            var bytes = new byte[3000];
            for (var row = 0; row < Rows; row++)
            {
                random.NextBytes(bytes);
                PayloadFixture.Observe(log, row, note: Convert.ToBase64String(bytes));
            }
        }

        // The log may find the file before it is told of it, and then tries twice.
        Assert.InRange(_fixture.Loggers.Count("PayloadMaintenanceFailed"), 1, 2);
        var file = Assert.Single(Directory.GetFiles(options.Directory));
        Assert.EndsWith(".jsonl", file, StringComparison.Ordinal);

        // The next log finds room.
        File.Delete(ballast);
        await using (_fixture.Create(options)) await PayloadFixture.UntilAsync(() => !File.Exists(file));
        var compressed = Assert.Single(Directory.GetFiles(options.Directory));
        Assert.Equal(file + ".gz", compressed);
        Assert.Equal(Enumerable.Range(0, Rows).Select(row => (double)row), await PayloadFixture.ReadRowsAsync(compressed, new ColumnSchema("inputs.age", ElementType.Float64)));
    }
}
