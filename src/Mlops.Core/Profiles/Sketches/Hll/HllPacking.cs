namespace Mlops.Profiles;

/// <summary>Registers of four, six and eight bits.</summary>
/// <remarks>Source: Apache DataSketches, HLL sketch: the even register of a pair in the low four bits; six-bit registers from the low bit on.</remarks>
internal static class HllPacking
{
    /// <summary>What <see cref="Unpack"/> leaves where the table of exceptions holds the register.</summary>
    internal const byte ExceptionMark = byte.MaxValue;

    private const int SixBitMask = 0x3F;

    internal static int GetLength(int lgK, HyperLogLogType type) => type switch
    {
        HyperLogLogType.Hll4 => 1 << (lgK - 1),
        HyperLogLogType.Hll6 => (((1 << lgK) * 3) >> 2) + 1,
        _ => 1 << lgK,
    };

    internal static void Pack(ReadOnlySpan<byte> registers, HyperLogLogType type, int minimum, Span<byte> packed)
    {
        switch (type)
        {
            case HyperLogLogType.Hll4:
                for (var i = 0; i < packed.Length; i++)
                    packed[i] = (byte)(Height(registers[2 * i]) | (Height(registers[(2 * i) + 1]) << 4));
                break;
            case HyperLogLogType.Hll6:
                // Four registers in three bytes; one byte more at the end, which no register reaches.
                for (var i = 0; i < registers.Length; i += 4)
                {
                    var bits = registers[i] | (registers[i + 1] << 6) | (registers[i + 2] << 12) | (registers[i + 3] << 18);
                    var at = packed.Slice(i / 4 * 3, 3);
                    (at[0], at[1], at[2]) = ((byte)bits, (byte)(bits >> 8), (byte)(bits >> 16));
                }

                packed[^1] = 0;
                break;
            default:
                registers.CopyTo(packed);
                break;
        }

        int Height(byte register) => Math.Min(register - minimum, HllRegisters.ExceptionHeight);
    }

    /// <returns>The registers; <see langword="null"/> when one is out of range.</returns>
    internal static byte[]? Unpack(ReadOnlySpan<byte> packed, int lgK, HyperLogLogType type, int minimum)
    {
        var registers = new byte[1 << lgK];
        switch (type)
        {
            case HyperLogLogType.Hll4:
                if (minimum > HllHasher.MaximumValue) return null;
                for (var i = 0; i < packed.Length; i++)
                {
                    registers[2 * i] = Register(packed[i] & 15);
                    registers[(2 * i) + 1] = Register(packed[i] >> 4);
                }

                break;
            case HyperLogLogType.Hll6:
                for (var i = 0; i < registers.Length; i += 4)
                {
                    var at = packed.Slice(i / 4 * 3, 3);
                    var bits = at[0] | (at[1] << 8) | (at[2] << 16);
                    registers[i] = (byte)(bits & SixBitMask);
                    registers[i + 1] = (byte)((bits >> 6) & SixBitMask);
                    registers[i + 2] = (byte)((bits >> 12) & SixBitMask);
                    registers[i + 3] = (byte)((bits >> 18) & SixBitMask);
                }

                break;
            default:
                packed.CopyTo(registers);
                break;
        }

        return registers.AsSpan().ContainsAnyInRange((byte)(HllHasher.MaximumValue + 1), (byte)(ExceptionMark - 1))
            || (type != HyperLogLogType.Hll4 && registers.AsSpan().Contains(ExceptionMark)) ? null : registers;

        byte Register(int height) => height == HllRegisters.ExceptionHeight ? ExceptionMark : (byte)(height + minimum);
    }
}
