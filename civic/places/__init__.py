"""The four levels: county or city, district or township, community or village, grid."""
