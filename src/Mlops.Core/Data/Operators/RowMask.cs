namespace Mlops.Data;

/// <summary>Decides which rows of a batch are kept.</summary>
/// <param name="inputs">The columns that the decision needs; it may have none.</param>
/// <param name="kept">Receives for each row whether it is kept.</param>
internal delegate void RowMask(DataBatch inputs, Span<bool> kept);
