using System.Globalization;
using Mlops.Data;
using Mlops.Tests;

namespace Mlops.Serving.Tests.Observation;

/// <summary>Logs of processes that are killed while they write.</summary>
public sealed class PayloadCrashTests : IDisposable
{
    private readonly PayloadFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(PayloadFormat.JsonLines)]
    [InlineData(PayloadFormat.Csv)]
    public async Task Kill_WhileWriting_LosesNoRowThatWasToldWritten(PayloadFormat format)
    {
        long told = 0;
        for (var round = 0; round < 2; round++)
        {
            await using var writer = ProgramProcess.Start("Mlops.Serving.Worker", "payloads", _fixture.Folder, format.ToString());
            for (var batch = 0; batch < 3 + (4 * round); batch++) await writer.ReadLineAsync(PayloadFixture.Token);
            var rest = await writer.KillAsync(PayloadFixture.Token);
            // What it had told and was not read yet counts too, but the kill may have cut its last line.
            told += rest.Count > 1 ? long.Parse(rest[^2], CultureInfo.InvariantCulture) : 100 * (3 + (4 * round));
        }

        await using (_fixture.Create(_fixture.Options(format)))
        {
        }

        Assert.Empty(_fixture.Files("*.open"));
        Assert.Equal(2, _fixture.Files().Length);
        long rows = 0;
        foreach (var file in _fixture.Files())
        {
            var batch = await PayloadFixture.ReadRowsAsync(file, new ColumnSchema("inputs.number", ElementType.Float64));
            Assert.Equal(Enumerable.Range(0, batch.Count).Select(row => (double)row), batch);
            rows += batch.Count;
        }

        Assert.True(rows >= told, $"{rows} rows are in the files, {told} were told.");
    }
}
